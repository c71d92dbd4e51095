// Swaps staged outputs with the live ones by renames, and back. Each function may be interrupted and repeated.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { spawn } = require('child_process');
const { linkShared, shareLive } = require('../../app/scripts/shared_files');
const { exists, syncDirectory } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { moveTo } = require('../../remote/scripts/permissions');

const liveName = (name) => path.join(project, name);
const sourceOf = (name) => (params.sources || {})[name] || params.source || 'staging';
const stagedName = (name) => inDeploy(sourceOf(name), name);
const savedName = (run, name) => inDeploy('previous', run, name);

// Where a rejected output goes: back to where a rollback took it from, otherwise to the trash.
function rejectedName(run, name) {
  if (sourceOf(name).startsWith('previous/') && !exists(stagedName(name))) return stagedName(name);
  for (let turn = 0; ; turn++) {
    const free = inDeploy('trash', run, String(turn), name);
    if (!exists(free)) return free;
  }
}

function moveAside(from, to, move = moveTo) {
  fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  move(from, to);
}

// Gives a file a second name, so that the next rename replaces it without a moment in which it is missing; moves a
// directory.
function setBeside(from, to) {
  const isFile = fs.lstatSync(from).isFile();
  try {
    if (isFile) return fs.linkSync(from, to);
  } catch {
    // a file system without hard links: the file is missing for a moment
  }
  return moveTo(from, to);
}

const sameFile = (left, right) =>
  exists(left) && exists(right) && fs.lstatSync(left).ino === fs.lstatSync(right).ino;

// The two renames of an output follow each other directly, so it is missing for microseconds only.
function swapIn(run, names) {
  for (const name of names) {
    fs.mkdirSync(path.dirname(savedName(run, name)), { recursive: true, mode: 0o700 });
    fs.mkdirSync(path.dirname(liveName(name)), { recursive: true });
  }
  for (const name of names) {
    const comes = exists(stagedName(name));
    if (exists(liveName(name)) && !exists(savedName(run, name)))
      (comes ? setBeside : moveTo)(liveName(name), savedName(run, name));
    if (comes) moveTo(stagedName(name), liveName(name));
  }
  syncDirectory(project);
}

// Of an output that is swapped, the app's data stays where it is: each version has a link to it.
function linkData(run, names) {
  shareLive(names, inDeploy('written', run));
  for (const name of names)
    linkShared(inDeploy(sourceOf(name)), name, inDeploy('trash', run, 'shared'));
}

// Outputs with files that git tracks: moved aside before the checkout, then put in place over what git wrote.
function setAside(run, names, had) {
  for (const name of names) {
    if (exists(savedName(run, name)) || !had.includes(name)) continue;
    moveAside(liveName(name), savedName(run, name));
  }
}

function putOver(run, names) {
  for (const name of names) {
    if (exists(liveName(name))) moveAside(liveName(name), rejectedName(run, name));
    if (exists(stagedName(name))) moveAside(stagedName(name), liveName(name));
  }
  syncDirectory(project);
}

// Restores the outputs. `had` lists those that existed before; others are removed.
function swapBack(run, names, had) {
  for (const name of [...names].reverse()) {
    const [saved, live] = [savedName(run, name), liveName(name)];
    const kept = exists(saved);
    if (sameFile(saved, live))
      fs.unlinkSync(saved); // it was not replaced
    else if ((kept || !had.includes(name)) && exists(live))
      moveAside(live, rejectedName(run, name), kept ? setBeside : moveTo);
    if (exists(saved)) moveTo(saved, live);
  }
  syncDirectory(project);
}

// Deletes trees, also if directories in them have modes that do not allow that.
const SWEEP =
  'rm -rf -- "$@" 2>/dev/null || { find "$@" -type d ! -perm -700 -exec chmod u+rwx {} \\;; rm -rf -- "$@"; }';

// The stage is a link to where it is.
function discard(directory, trash) {
  const name = `${path.basename(directory)}.${crypto.randomBytes(6).toString('hex')}`;
  const isLink = fs.lstatSync(directory).isSymbolicLink();
  const place = isLink ? fs.readlinkSync(directory) : directory;
  if (exists(place)) moveTo(place, path.join(trash, name));
  if (isLink) fs.unlinkSync(directory);
}

// Moves directories to the trash and deletes it in the background, as that may take a while.
function sweep(...directories) {
  const trash = inDeploy('trash');
  fs.mkdirSync(trash, { recursive: true, mode: 0o700 });
  for (const directory of directories.filter(exists)) {
    if (path.dirname(directory) !== trash) discard(directory, trash);
  }
  const trees = fs.readdirSync(trash).map((name) => path.join(trash, name));
  if (trees.length === 0) return;
  spawn('nice', ['sh', '-c', SWEEP, 'sweep', ...trees], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  })
    .on('error', () => {})
    .unref(); // the next sweep deletes what is left
}

module.exports = {
  linkData,
  liveName,
  moveAside,
  putOver,
  rejectedName,
  savedName,
  setAside,
  sourceOf,
  stagedName,
  swapBack,
  swapIn,
  sweep,
};
