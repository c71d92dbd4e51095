// The parameters of the program, and the directories they name.
'use strict';
const fs = require('fs');
const path = require('path');

/** @type {Params} */
const params = JSON.parse(
  fs
    .readFileSync(process.env.OPS_PARAMS_FD ? Number(process.env.OPS_PARAMS_FD) : 3, 'utf8')
    .split('\n', 1)[0],
);
const project = params.project_dir;
const appDir = path.join(project, params.root || '.');
const deployDir = path.join(project, '.deploy');
const inDeploy = (...names) => path.join(deployDir, ...names);
process.umask(0o077);

module.exports = { appDir, deployDir, inDeploy, params, project };
