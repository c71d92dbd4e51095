// Required before a module that reads its parameters: gives it a project in a directory that goes away again.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'ops-js-'));
const file = path.join(place, 'params');
fs.writeFileSync(file, JSON.stringify({ project_dir: place, env_file: '.env' }));
process.env.OPS_PARAMS_FD = String(fs.openSync(file, 'r'));
process.on('exit', () => fs.rmSync(place, { recursive: true, force: true }));

module.exports = { place };
