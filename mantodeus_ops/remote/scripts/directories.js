// The directories that the tool keeps on a host, private and out of git.
'use strict';
const fs = require('fs');
const path = require('path');
const { exists, readText } = require('./files');
const { deployDir, inDeploy, params, project } = require('./params');
const { makeDirectory, writeWhole } = require('./state_file');

// Room for the lock, the journal and their like when the disk is full: they must go on then most of all.
const RESERVE_BYTES = 1 << 20;
const reserveFile = inDeploy('reserve');

function keepReserve() {
  try {
    if (exists(deployDir) && !exists(reserveFile))
      writeWhole(reserveFile, Buffer.alloc(RESERVE_BYTES, 'x').toString());
  } catch {
    fs.rmSync(`${reserveFile}.${process.pid}.tmp`, { force: true }); // there is no room for it now
  }
}

function prepareGround() {
  for (const directory of [
    deployDir,
    inDeploy('jobs'),
    path.join(project, 'logs'),
    path.resolve(project, params.backup_dir),
  ]) {
    makeDirectory(directory);
  }
  fs.chmodSync(deployDir, 0o700);
  keepReserve();
  const exclude = path.join(project, '.git', 'info', 'exclude');
  const wanted = ['/.deploy/', `/${params.backup_dir}/`];
  if (exists(path.join(project, '.git')) && fs.statSync(path.join(project, '.git')).isDirectory()) {
    const text = readText(exclude);
    const missing = wanted.filter((line) => !text.split('\n').includes(line));
    fs.mkdirSync(path.dirname(exclude), { recursive: true });
    if (missing.length)
      writeWhole(
        exclude,
        text + (text && !text.endsWith('\n') ? '\n' : '') + missing.join('\n') + '\n',
      );
  }
}

module.exports = { keepReserve, prepareGround };
