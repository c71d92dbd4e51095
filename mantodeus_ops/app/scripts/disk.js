// The free space of the file system that holds the project, or will hold it.
'use strict';
const fs = require('fs');
const path = require('path');
const { run } = require('../../remote/scripts/commands');
const { exists } = require('../../remote/scripts/files');
const { project } = require('../../remote/scripts/params');
const { fieldsOf, textLines } = require('../../text/whitespace');

function disk() {
  let place = project;
  while (!exists(place) && place !== '/') place = path.dirname(place);
  const stat = fs.statfsSync ? fs.statfsSync(place) : null;
  if (stat)
    return {
      free: stat.bavail * stat.bsize,
      total: stat.blocks * stat.bsize,
      inodes_free: stat.files ? stat.ffree : -1,
    }; // btrfs, for example, has no limit of inodes
  const fields = fieldsOf(textLines(run(['df', '-Pk', place], { cwd: '/' }).stdout).pop() || '');
  return { free: Number(fields[3]) * 1024, total: Number(fields[1]) * 1024, inodes_free: -1 };
}

module.exports = { disk };
