// Permissions of files: describes missing ones, and restores those of the owner where the work needs them.
'use strict';
const fs = require('fs');
const path = require('path');
const { project } = require('./params');

const RIGHTS = 0o700;

// The mode with the permissions that the owner needs: to read and enter a directory, to read a file.
function workable(mode, isDirectory) {
  if (!isDirectory) return mode | 0o400;
  return (mode & 0o500) === 0o500 ? mode : mode | RIGHTS;
}

// Whether this account can read the file or directory.
function canRead(file) {
  try {
    const stat = fs.statSync(file);
    fs.accessSync(
      file,
      stat.isDirectory() ? fs.constants.R_OK | fs.constants.X_OK : fs.constants.R_OK,
    );
    return true;
  } catch {
    return false;
  }
}

// Whether this account has this permission; null if the file is missing.
function may(place, right) {
  try {
    fs.accessSync(place, right);
    return true;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(error.code) ? null : false;
  }
}

const placesAbove = (file) =>
  file === '/' ? [] : [...placesAbove(path.dirname(file)), path.dirname(file)];

// The path that denies access to a file: a folder above it that cannot be entered, else the nearest existing path.
function refusingPlace(file, { R_OK, W_OK, X_OK } = fs.constants) {
  const above = placesAbove(file);
  const shut = above.find((folder) => may(folder, X_OK) === false);
  if (shut) return shut;
  const there = [file, ...above.reverse()].find((place) =>
    fs.lstatSync(place, { throwIfNoEntry: false }),
  );
  const folder = path.dirname(file);
  const isFolderShut =
    there === file && may(file, R_OK | W_OK) !== false && may(folder, W_OK) === false;
  return isFolderShut ? folder : there;
}

// The refusal for a folder above the project, which this account cannot change.
function projectLacking(above, facts) {
  const shut = may(above, fs.constants.X_OK) === false;
  const why = shut
    ? `this account cannot enter ${above}`
    : `${above} is not for this account to write into`;
  return [shut ? 'project-out-of-reach' : 'project-missing', { ...facts, above, why }];
}

// The code and facts of the refusal for a file without access.
function rightsLacking(file, what = file) {
  const full = path.resolve(file);
  const place = refusingPlace(full);
  const facts = { what, place: path.relative(project, place) || '.', uid: process.getuid() };
  if (placesAbove(path.resolve(project)).includes(place)) return projectLacking(place, facts);
  const stat = fs.lstatSync(place);
  const [named, mode] = place === full ? ['it', 'its mode'] : [place, `the mode of ${place}`];
  if (stat.uid !== process.getuid())
    return [
      'file-of-another',
      { ...facts, why: `${named} belongs to the account with uid ${stat.uid}` },
    ];
  const needed = stat.isDirectory() ? 0o700 : 0o600;
  if ((stat.mode & needed) === needed)
    return [
      'file-refused',
      { ...facts, why: `${mode} allows it, so something else on the host forbids it` },
    ];
  return ['file-not-allowed', { ...facts, why: `${mode} keeps this account out` }];
}

// Renames a file or directory. A read-only directory cannot be moved to another parent, as its `..` changes: its mode is
// changed for the move.
function moveTo(from, to) {
  try {
    return fs.renameSync(from, to);
  } catch (error) {
    const stat =
      ['EACCES', 'EPERM'].includes(error.code) && fs.lstatSync(from, { throwIfNoEntry: false });
    if (!stat || !stat.isDirectory() || stat.uid !== process.getuid() || stat.mode & 0o200)
      throw error;
    fs.chmodSync(from, (stat.mode & 0o7777) | RIGHTS);
    fs.renameSync(from, to);
    return fs.chmodSync(to, workable(stat.mode & 0o7777, true));
  }
}

// Gives the owner all permissions on the directories of a tree, from the top, as unreadable ones cannot be listed.
function openUp(place) {
  for (const waiting = [Buffer.from(place)]; waiting.length;) {
    const directory = waiting.pop();
    const stat = fs.lstatSync(directory, { throwIfNoEntry: false });
    if (!stat || !stat.isDirectory()) continue;
    if ((stat.mode & 0o700) !== 0o700 && stat.uid === process.getuid())
      fs.chmodSync(directory, (stat.mode & 0o7777) | 0o700);
    for (const entry of childrenOf(directory))
      if (entry.isDirectory())
        waiting.push(Buffer.concat([directory, Buffer.from('/'), entry.name]));
  }
}

function childrenOf(directory) {
  try {
    return fs.readdirSync(directory, { withFileTypes: true, encoding: 'buffer' });
  } catch {
    return [];
  }
}

module.exports = { canRead, moveTo, openUp, rightsLacking, workable };
