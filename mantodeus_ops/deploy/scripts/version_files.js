// The files that a version brought along: what the app writes beside them later makes no other version of it.
'use strict';
const fs = require('fs');
const path = require('path');
const { isShared } = require('../../app/scripts/shared_files');
const {
  LINKED,
  OWN_CACHE,
  entryAt,
  latin,
  lookAt,
  walk,
} = require('../../backup/scripts/tar_writer');
const { inDeploy } = require('../../remote/scripts/params');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');

const ownFile = (id) => inDeploy('own', `${id}.json`);
const STAGED = 'staged'; // the list of what was built, before anything was started from it
const NOTHING_OWN = { at: 0, parts: {} };

const isOwnPart = (one) => isObject(one) && typeof one.version === 'string' && isObject(one.files);
const isListOfOwn = (one) =>
  isObject(one) && isObject(one.parts) && Object.values(one.parts).every(isOwnPart);

// Known by its name; a name that could be no file of ours is one of which nothing is known.
function readOwn(id) {
  const found =
    typeof id === 'string' && /^[\w.-]+$/.test(id)
      ? readState(ownFile(id), { is: isListOfOwn })
      : null;
  return found || NOTHING_OWN;
}

// Of a directory only the mode: what is added to it moves its time.
function factOf({ name, stat, target }) {
  if (stat.isDirectory()) return `${stat.mode}`;
  const here = LINKED.test(name) ? '' : `${stat.ino} ${stat.ctimeMs}`;
  return [stat.mode, stat.size, stat.mtimeMs, here, target].join(' ');
}

// Each file of a part as it is now, or only those of these names; null of what is no directory, or is only linked to.
function filesOf(root, name, names = null) {
  const stat = lookAt(path.join(root, name));
  if (!stat || !stat.isDirectory() || path.basename(name) === 'node_modules') return null;
  const files = {};
  for (const entry of walk(latin(root), latin(name), { without: [OWN_CACHE] })) {
    if (entry.stat && !isShared(entry.name) && (!names || names[entry.name]))
      files[entry.name] = factOf(entry);
  }
  return files;
}

function isAsItWas(root, name, fact) {
  const [entry] = entryAt(latin(root), name);
  return Boolean(entry.stat) && factOf(entry) === fact;
}

// Whose files these are: the name of the version that brought them, where each of them is as it was; else ''.
function ownerOf(own, root, name) {
  const part = own.parts[name];
  if (!part) return '';
  return Object.entries(part.files).every(([file, fact]) => isAsItWas(root, file, fact))
    ? part.version
    : '';
}

function writeOwn(id, parts) {
  fs.mkdirSync(inDeploy('own'), { recursive: true, mode: 0o700 });
  writeWhole(ownFile(id), JSON.stringify({ at: now(), parts }));
}

module.exports = { STAGED, filesOf, ownerOf, readOwn, writeOwn };
