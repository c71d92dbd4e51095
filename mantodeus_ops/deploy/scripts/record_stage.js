// Records what was staged, so that a later deploy can use it again; answers with how PM2 is to start it and with the
// paths that install and build made.
'use strict';
const path = require('path');
const { stagedEntry, staging } = require('../../app/scripts/ecosystem');
const { ourGit } = require('../../app/scripts/git');
const { MOST_PATHS, isMadeByInstall, isWithin, madeIn } = require('../../app/scripts/made_files');
const { isShared, linkIntoStage } = require('../../app/scripts/shared_files');
const { refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { openUp } = require('../../remote/scripts/permissions');
const { readState, writeWhole } = require('../../remote/scripts/state_file');
const { readLive } = require('../../transaction/scripts/journal');
const { listingOf, stagedFile } = require('./app_files');
const { STAGED, filesOf, writeOwn } = require('./version_files');

function listStaged(outputs) {
  writeWhole(stagedFile, JSON.stringify(listingOf(staging, outputs)));
  /** @type {any[][]} */
  const listed = outputs.map((name) => [name, { version: STAGED, files: filesOf(staging, name) }]);
  writeOwn(STAGED, Object.fromEntries(listed.filter(([, { files }]) => files)));
}

function found(installed) {
  const made = madeIn(staging, installed).filter((name) => !isShared(name));
  if (made.length > MOST_PATHS)
    throw refuse('made-too-many', { count: made.length, most: MOST_PATHS });
  const [name] = made.filter(isOverData);
  if (name) throw refuse('made-over-data', { name });
  return made;
}

// Whether something lies there that no version made and git does not know. Of a version that this tool did not stage
// it is not known what it made.
function isOverData(name) {
  const live = (readLive() || {}).made;
  if (!live || !exists(path.join(project, name))) return false;
  const ofVersion = live.some((one) => isWithin(name, one) || isWithin(one, name));
  return !ofVersion && ourGit(['ls-files', '--', `:(literal)${name}`]).stdout === '';
}

async function main() {
  const { paths: installed } = readState(inDeploy('installed.json')) || { paths: [] };
  const made = found(installed);
  const outputs = made.filter((name) => !isMadeByInstall(name));
  for (const name of outputs) openUp(path.join(staging, name)); // a build may leave what cannot be read
  linkIntoStage(staging, outputs);
  // Before anything was tried there: what the boot test writes is no part of the version.
  if (!exists(stagedFile)) listStaged(outputs);
  writeWhole(inDeploy('staged.json'), JSON.stringify(params.staged));
  return { entry: stagedEntry().entry, made, installed };
}

module.exports = { main };
