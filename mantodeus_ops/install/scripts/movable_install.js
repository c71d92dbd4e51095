// Makes the paths of the stage that a package manager wrote relative, so that an install works after it is moved.
'use strict';
const fs = require('fs');
const path = require('path');
const { isWithin } = require('../../remote/scripts/files');
const { stagePath } = require('../../app/scripts/stage_directory');

const LARGEST_SHIM = 1 << 16;

function relink(file, stage) {
  const target = fs.readlinkSync(file);
  if (!path.isAbsolute(target) || !isWithin(target, stage)) return;
  fs.unlinkSync(file);
  fs.symlinkSync(path.relative(path.dirname(file), target), file);
}

// pnpm's shims for programs name directories by their whole paths; each knows its own as $basedir.
function rewriteShim(file, stage) {
  const { size, mode } = fs.statSync(file);
  const text = size > LARGEST_SHIM ? '' : fs.readFileSync(file, 'utf8');
  if (!text.includes('\nbasedir=') || !text.includes(`${stage}/`)) return;
  const up = path.relative(path.dirname(file), stage);
  fs.unlinkSync(file); // its bytes may be those of a file elsewhere
  fs.writeFileSync(file, text.split(`${stage}/`).join(`$(cd "$basedir/${up}" && pwd)/`));
  fs.chmodSync(file, mode & 0o777);
}

function makeTreeMovable(directory, stage) {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) makeTreeMovable(file, stage);
    else if (entry.isSymbolicLink()) relink(file, stage);
    else if (entry.isFile() && path.basename(directory) === '.bin') rewriteShim(file, stage);
  }
}

// `name` is a path that the install made.
function makeMovable(name) {
  const stage = stagePath();
  const place = path.join(stage, name);
  const stat = fs.lstatSync(place);
  if (stat.isSymbolicLink()) relink(place, stage);
  else if (stat.isDirectory()) makeTreeMovable(place, stage);
}

module.exports = { makeMovable };
