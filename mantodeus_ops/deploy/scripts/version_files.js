// The files that belong to a version. Files that the app adds later do not make it another version.
'use strict';
const fs = require('fs');
const path = require('path');
const { isShared } = require('../../app/scripts/shared_files');
const {
  LINKED,
  OWN_CACHE,
  entryAt,
  isAsset,
  latin,
  lookAt,
  walk,
} = require('../../backup/scripts/tar_writer');
const { inDeploy } = require('../../remote/scripts/params');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');

const ownFile = (id) => inDeploy('own', `${id}.json`);
const STAGED = 'staged'; // the id of the list for the stage, made before anything was started from it
const NOTHING_OWN = { at: 0, parts: {} };

const isOwnPart = (one) => isObject(one) && typeof one.version === 'string' && isObject(one.files);
const isListOfOwn = (one) =>
  isObject(one) && isObject(one.parts) && Object.values(one.parts).every(isOwnPart);

// The list of a version by its id; empty if there is none or the id is not a valid file name.
function readOwn(id) {
  const found =
    typeof id === 'string' && /^[\w.-]+$/.test(id)
      ? readState(ownFile(id), { is: isListOfOwn })
      : null;
  return found || NOTHING_OWN;
}

// The facts that identify a file; for a directory only its mode, as adding a file changes its time.
function factOf({ name, stat, target }) {
  if (stat.isDirectory()) return `${stat.mode}`;
  const here = LINKED.test(name) ? '' : `${stat.ino} ${stat.ctimeMs}`;
  return [stat.mode, stat.size, stat.mtimeMs, here, target].join(' ');
}

// The facts of all files of a part, or of these names; null if it is not a directory, or is node_modules.
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

// Of an asset, whose second link moves its change time, the fact without it.
const sameContent = (fact) => fact.replace(/^(\d+ \d+ [\d.]+) \d+ [\d.]+ /, '$1  ');

function isAsItWas(root, name, fact) {
  const [entry] = entryAt(latin(root), name);
  if (!entry.stat) return false;
  return isAsset(name) ? sameContent(factOf(entry)) === sameContent(fact) : factOf(entry) === fact;
}

// The id of the version to which the files of this part belong, if all of them are unchanged; else ''.
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
