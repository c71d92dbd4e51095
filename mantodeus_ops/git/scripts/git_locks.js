// Removes lock files of killed git processes, which would make every later git command fail.
'use strict';
const fs = require('fs');
const path = require('path');
const { ageOf, exists, readText, removeTree } = require('../../remote/scripts/files');
const { project } = require('../../remote/scripts/params');
const { everyPid, isAlive, worksIn } = require('../../remote/scripts/process');
const { trimmed } = require('../../text/whitespace');
const { ourGit } = require('./git');

const GIT_LOCK_SECONDS = 2; // an editor that updates refs itself is not a git process; it needs less time than this

const gitDirectory = () =>
  trimmed(ourGit(['rev-parse', '--path-format=absolute', '--git-common-dir']).stdout);

// Whether a git process works in the project; it may own the locks.
function gitWorks() {
  const here = fs.realpathSync(project);
  return everyPid().some(
    (pid) => worksIn(pid, here) && /^git/.test(readText(`/proc/${pid}/comm`)) && isAlive(pid),
  );
}

function gitLocks(directory, deep) {
  const found = [];
  for (const entry of exists(directory) ? fs.readdirSync(directory, { withFileTypes: true }) : []) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory() && deep) found.push(...gitLocks(file, true));
    else if (entry.isFile() && (entry.name.endsWith('.lock') || entry.name === 'packed-refs.new'))
      found.push(file);
  }
  return found;
}

// Worktrees of stages that git did not finish: git locks each until it is complete, and its HEAD may be invalid.
function begunStages(directory) {
  const stages = path.join(directory, 'worktrees');
  const names = exists(stages)
    ? fs.readdirSync(stages).filter((entry) => /^staging\d*$/.test(entry))
    : [];
  return names
    .map((name) => path.join(stages, name))
    .filter((stage) => exists(path.join(stage, 'locked')));
}

// Must run under the app's lock. Returns the number of removed locks.
function sweepGitLocks() {
  const directory = gitDirectory();
  const locks = directory
    ? [
        ...gitLocks(directory, false),
        ...gitLocks(path.join(directory, 'refs'), true),
        ...gitLocks(path.join(directory, 'objects'), false),
        ...begunStages(directory),
      ]
    : [];
  if (locks.length === 0) return 0;
  const wait = Math.min(
    GIT_LOCK_SECONDS,
    GIT_LOCK_SECONDS - Math.min(...locks.filter(exists).map(ageOf)),
  );
  if (wait > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait * 1000);
  if (gitWorks()) return 0;
  for (const file of locks) removeTree(file);
  return locks.length;
}

module.exports = { begunStages, gitDirectory, sweepGitLocks };
