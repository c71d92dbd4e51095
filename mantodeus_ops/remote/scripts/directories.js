// Creates the directories of this tool on a host: private, and ignored by git.
'use strict';
const fs = require('fs');
const path = require('path');
const { SHARED, exists, readText } = require('./files');
const { deployDir, inDeploy, params, project } = require('./params');
const { makeDirectory, writeWhole } = require('./state_file');

// Disk space that is given up for the lock and the journal when the disk is full.
const RESERVE_BYTES = 1 << 20;
const reserveFile = inDeploy('reserve');

function keepReserve() {
  try {
    if (exists(deployDir) && !exists(reserveFile))
      writeWhole(reserveFile, Buffer.alloc(RESERVE_BYTES, 'x').toString());
  } catch {
    fs.rmSync(`${reserveFile}.${process.pid}.tmp`, { force: true }); // the disk is full now
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
  const wanted = ['/.deploy/', `/${SHARED}/`, `/${params.backup_dir}/`];
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
