// Closes files of this tool that other accounts of the host can read or enter.
'use strict';
const fs = require('fs');
const path = require('path');
const { namesIn, statOf } = require('./files');
const { deployDir, params, project } = require('./params');

const OTHERS = 0o077;
const MOST_NAMED = 20;
const OUR_FILES = /^backup-\d{8}-\d{6}\.(json|tar\.gz)$/;

function openOnes() {
  const backups = path.resolve(project, params.backup_dir);
  const files = namesIn(backups)
    .filter((name) => OUR_FILES.test(name))
    .map((name) => path.join(backups, name));
  return [deployDir, backups, ...files]
    .map((file) => ({ file, stat: statOf(file) }))
    .filter(({ stat }) => stat && stat.uid === process.getuid() && stat.mode & OTHERS);
}

const octal = (stat) => (stat.mode & 0o7777).toString(8);

function closeOurs() {
  const closed = [];
  for (const { file, stat } of openOnes()) {
    try {
      fs.chmodSync(file, stat.mode & 0o7700);
      closed.push({ path: file, mode: octal(stat) });
    } catch {
      // a file system without modes, or a read-only one: the checks still report it
    }
  }
  return closed.slice(0, MOST_NAMED);
}

module.exports = { MOST_NAMED, closeOurs, octal, openOnes };
