// Trades the staged outputs for the live ones by rename, and back; each may be cut off and done again.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { spawn } = require('child_process');
const { exists, syncDirectory } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { moveTo } = require('../../remote/scripts/permissions');

const liveName = (name) => path.join(project, name);
const sourceOf = (name) => (params.sources || {})[name] || params.source || 'staging';
const stagedName = (name) => inDeploy(sourceOf(name), name);
const savedName = (run, name) => inDeploy('previous', run, name);

// What was kept for a rollback is kept again when the rollback fails; a failed build is of no use.
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

// A file gives way to another in one step: a second name for it first, and the rename takes the place over.
function setBeside(from, to) {
  const isFile = fs.lstatSync(from).isFile();
  try {
    if (isFile) return fs.linkSync(from, to);
  } catch {
    // some file systems have no links: then there is a moment without it
  }
  return moveTo(from, to);
}

const sameFile = (one, other) =>
  exists(one) && exists(other) && fs.lstatSync(one).ino === fs.lstatSync(other).ino;

// The two renames of one output stand next to each other: a request between them is a matter of microseconds.
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

// Where git has files of its own, it is let through first: out of its way, and then in over what it wrote.
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

// `had` says which outputs were live before: one that was not is taken away again.
function swapBack(run, names, had) {
  for (const name of [...names].reverse()) {
    const [saved, live] = [savedName(run, name), liveName(name)];
    const kept = exists(saved);
    if (sameFile(saved, live))
      fs.unlinkSync(saved); // it never gave way
    else if ((kept || !had.includes(name)) && exists(live))
      moveAside(live, rejectedName(run, name), kept ? setBeside : moveTo);
    if (exists(saved)) moveTo(saved, live);
  }
  syncDirectory(project);
}

// A directory that its owner has shut keeps what is in it from going.
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

// Deleting tens of thousands of files takes a while, and the task does not wait for it.
function sweep(...directories) {
  const trash = inDeploy('trash');
  fs.mkdirSync(trash, { recursive: true, mode: 0o700 });
  for (const directory of directories.filter(exists)) {
    if (path.dirname(directory) !== trash) discard(directory, trash);
  }
  const doomed = fs.readdirSync(trash).map((name) => path.join(trash, name));
  if (doomed.length === 0) return;
  spawn('nice', ['sh', '-c', SWEEP, 'sweep', ...doomed], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  })
    .on('error', () => {})
    .unref(); // the next sweep finds it
}

module.exports = {
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
