// Files that a revision has in Git LFS: git alone has a pointer in place of each.
'use strict';
const fs = require('fs');
const path = require('path');
const { exists, onPath } = require('../../remote/scripts/files');
const { project } = require('../../remote/scripts/params');
const { trimmed } = require('../../text/whitespace');
const { ourGit } = require('./git');
const { gitDirectory } = require('./git_locks');

const POINTER = 'version https://git-lfs.github.com/spec/';
const ATTRIBUTES = ['.gitattributes', ':(glob)**/.gitattributes'];

// The pointers of a revision; looked for only where its attributes name Git LFS.
function pointersOf(revision, ask = ourGit) {
  const named = ask(['grep', '-q', '-e', 'filter=lfs', revision, '--', ...ATTRIBUTES]);
  if (named.code !== 0) return [];
  const found = ask(['grep', '-l', '-z', '-I', '-F', '-e', POINTER, revision]).stdout;
  const names = found.split('\0').filter(Boolean);
  return names.map((name) => name.slice(name.indexOf(':') + 1));
}

const hasFilter = () =>
  ['filter.lfs.process', 'filter.lfs.smudge'].some(
    (name) => trimmed(ourGit(['config', '--get', name]).stdout) !== '',
  );

function lfsFacts(revision, ask) {
  const pointers = pointersOf(revision, ask);
  const isThere = pointers.length > 0;
  return {
    pointers: pointers.length,
    program: isThere && onPath('git-lfs'),
    filter: isThere && hasFilter(),
  };
}

function isPointer(file) {
  const buffer = Buffer.alloc(POINTER.length);
  try {
    const handle = fs.openSync(file, 'r');
    try {
      fs.readSync(handle, buffer, 0, buffer.length, 0);
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    return false; // a link, or nothing
  }
  return buffer.toString() === POINTER;
}

// The files of a checkout that still are pointers.
const pointersLeft = (root, revision) =>
  pointersOf(revision).filter((name) => isPointer(path.join(root, name)));

// A checkout leaves a file that is the same in both revisions, and with it a pointer that it wrote before Git LFS was
// set up. Where it is gone, git writes it anew.
function removePointers(revision) {
  if (!revision || !exists(path.join(gitDirectory(), 'lfs'))) return;
  for (const name of pointersLeft(project, revision)) fs.rmSync(path.join(project, name));
}

module.exports = { lfsFacts, pointersLeft, removePointers };
