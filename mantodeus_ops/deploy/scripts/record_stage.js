// Records what was staged, so that a later deploy can use it again; answers with how PM2 is to start it and with the
// paths that install and build made.
'use strict';
const fs = require('fs');
const path = require('path');
const {
  missingScripts,
  scriptInStage,
  stagedEntry,
  stageRoot,
} = require('../../pm2/scripts/ecosystem');
const { ourGit } = require('../../git/scripts/git');
const { MOST_PATHS, allMadeIn, isMadeByInstall, madeIn } = require('../../app/scripts/made_files');
const { ownVersion } = require('../../pm2/scripts/other_apps');
const { listVersion } = require('../../pm2/scripts/pm2');
const { isShared, linkIntoStage } = require('../../app/scripts/shared_files');
const { refuse } = require('../../remote/scripts/errors');
const { exists, isWithin } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { openUp } = require('../../remote/scripts/permissions');
const { readState, writeWhole } = require('../../remote/scripts/state_file');
const { readLive } = require('../../transaction/scripts/journal');
const { listingOf, stagedFile } = require('./app_files');
const { STAGED, filesOf, writeOwn } = require('./version_files');

function listStaged(outputs) {
  writeWhole(stagedFile, JSON.stringify(listingOf(stageRoot, outputs)));
  /** @type {any[][]} */
  const listed = outputs.map((name) => [
    name,
    { version: STAGED, files: filesOf(stageRoot, name) },
  ]);
  writeOwn(STAGED, Object.fromEntries(listed.filter(([, { files }]) => files)));
}

function found(installed) {
  const made = madeIn(stageRoot, installed).filter((name) => !isShared(name));
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

const LISTED = 10;
// Beyond what build_outputs narrows it to.
const madeByBuild = () => allMadeIn(stageRoot).filter((name) => !isMadeByInstall(name));
const listOf = (names) =>
  names.slice(0, LISTED).join(', ') + (names.length > LISTED ? ' and more' : '') || 'nothing';

const isEmpty = (file) => {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return !stat || (stat.isDirectory() ? fs.readdirSync(file).length === 0 : stat.size === 0);
};

// What the inventory says that the build makes.
function demandPromised(made) {
  const [name] = (params.promised || []).filter((one) => isEmpty(path.join(stageRoot, one)));
  if (name) throw refuse('output-missing', { name, made: listOf(made) });
}

// PM2 would say of a script that is missing only that it is, and only after the swap.
function demandScripts(specs, made) {
  const built = madeByBuild();
  const [missing] = missingScripts(specs);
  if (missing)
    throw refuse('start-script-missing', {
      app: missing.app,
      script: missing.script,
      made: listOf(built),
    });
  for (const spec of specs) {
    const script = scriptInStage(spec);
    if (script && !made.some((one) => isWithin(script, one)) && !isTracked(script))
      throw refuse('start-script-left-out', { app: spec.name, script, made: listOf(built) });
  }
}

const isTracked = (name) =>
  ourGit(['ls-files', '--', `:(literal)${name}`], { cwd: stageRoot }).stdout !== '';

async function main() {
  const { paths: installed } = readState(inDeploy('installed.json')) || { paths: [] };
  const made = found(installed);
  demandPromised(madeByBuild());
  const outputs = made.filter((name) => !isMadeByInstall(name));
  for (const name of outputs) openUp(path.join(stageRoot, name)); // a build may leave unreadable directories
  linkIntoStage(stageRoot, outputs);
  // Listed before the boot test, as files that it writes are no part of the version.
  if (!exists(stagedFile)) listStaged(outputs);
  writeWhole(inDeploy('staged.json'), JSON.stringify(params.staged));
  const { entry, specs } = stagedEntry();
  demandScripts(specs, made);
  ownVersion(await listVersion(entry));
  return { entry, made, installed };
}

module.exports = { main };
