// What was staged is written down, for a later deploy to use it again; the answer is how PM2 is to start it.
'use strict';
const { stagedEntry, staging } = require('../../app/scripts/ecosystem');
const { exists } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { openUp } = require('../../remote/scripts/permissions');
const { reply } = require('../../remote/scripts/reply');
const { writeWhole } = require('../../remote/scripts/state_file');
const { listingOf, stagedFile } = require('./app_files');
const { STAGED, filesOf, writeOwn } = require('./version_files');

function listStaged() {
  writeWhole(stagedFile, JSON.stringify(listingOf(staging, params.build_outputs)));
  /** @type {any[][]} */
  const listed = params.build_outputs.map((name) => [
    name,
    { version: STAGED, files: filesOf(staging, name) },
  ]);
  writeOwn(STAGED, Object.fromEntries(listed.filter(([, { files }]) => files)));
}

for (const name of params.build_outputs || []) openUp(inDeploy('staging', name)); // a build may leave what cannot be read
// Before anything was tried there: what the boot test writes is no part of the version.
if (!exists(stagedFile)) listStaged();
writeWhole(inDeploy('staged.json'), JSON.stringify(params.staged));
reply({ entry: stagedEntry().entry });
