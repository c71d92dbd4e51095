// Assets of earlier versions: hard links in a directory of their own, and in the live output for pages that ask for
// them. They belong to no version: backups and listings leave them out.
'use strict';
const fs = require('fs');
const path = require('path');
const { isWithin } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');

const indexFile = inDeploy('assets.json');
const storedAt = (name) => inDeploy('assets', name);

const isIndex = (one) => isObject(one) && Object.values(one).every((at) => Number.isFinite(at));
// When each file was last part of a live version, by its path in the project.
const readIndex = () => readState(indexFile, { is: isIndex, otherwise: {} });
const writeIndex = (index) => writeWhole(indexFile, JSON.stringify(index));

const inAssets = (name) => (params.assets || []).some((place) => isWithin(name, place));

const lookAtFile = (file) => fs.lstatSync(file, { throwIfNoEntry: false });

// Whether two names are of one file; a file system without hard links has a copy.
function isSameFile(one, other) {
  const [mine, its] = [lookAtFile(one), lookAtFile(other)];
  if (!mine || !its || !mine.isFile() || !its.isFile()) return false;
  return mine.ino === its.ino || (mine.size === its.size && mine.mtimeMs === its.mtimeMs);
}

const parentsOf = (name) =>
  name
    .split('/')
    .slice(0, -1)
    .map((_, at, all) => all.slice(0, at + 1).join('/'));

// The files that the version in this tree brought, by output; null in a tree whose version is not recorded.
function versionListing(root) {
  const isListing = (one) => isObject(one) && Object.values(one).every(Array.isArray);
  const file =
    path.resolve(root) === path.resolve(project)
      ? inDeploy('outputs.json')
      : path.join(root, 'version.json');
  return fs.existsSync(file) ? readState(file, { is: isListing }) : null;
}

// Tells which paths in a tree are only there for pages of earlier versions; null where none can be.
function oldAssetsAt(root) {
  const names = new Set(Object.keys(readIndex()));
  const listing = names.size ? versionListing(root) : null;
  if (!listing) return null;
  const own = new Set(Object.values(listing).flat());
  const ownDirectories = new Set([...own].flatMap(parentsOf));
  const directories = new Set([...names].flatMap(parentsOf));
  const isListed = (name) => Object.keys(listing).some((output) => isWithin(name, output));
  const isOldFile = (name) =>
    !own.has(name) && isListed(name) && isSameFile(path.join(root, name), storedAt(name));
  // A directory that holds nothing else was made for them.
  const isOldDirectory = (name) =>
    !ownDirectories.has(name) &&
    isListed(name) &&
    fs.readdirSync(path.join(root, name)).every((one) => isOld(`${name}/${one}`));
  const isOld = (name) => {
    if (names.has(name)) return isOldFile(name);
    const stat = directories.has(name) ? lookAtFile(path.join(root, name)) : null;
    return Boolean(stat) && stat.isDirectory() && isOldDirectory(name);
  };
  return isOld;
}

module.exports = {
  inAssets,
  isSameFile,
  lookAtFile,
  oldAssetsAt,
  readIndex,
  storedAt,
  writeIndex,
};
