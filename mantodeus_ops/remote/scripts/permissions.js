// What the owner of a file may do with it: said of what lacks it, and given where nothing works without.
'use strict';
const fs = require('fs');
const path = require('path');
const { project } = require('./params');

const RIGHTS = 0o700;

// A mode as its owner can work with it: a directory is read and entered, a file is read.
function workable(mode, isDirectory) {
  if (!isDirectory) return mode | 0o400;
  return (mode & 0o500) === 0o500 ? mode : mode | RIGHTS;
}

// Whether this account can read what is there.
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

// Whether this account may do so much with what is there; null where nothing is.
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

// What keeps this account from a file: a folder above it that cannot be entered, else the nearest place that is there.
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

// Above the project it is not for this account to change.
function projectLacking(above, facts) {
  const shut = may(above, fs.constants.X_OK) === false;
  const why = shut
    ? `this account cannot enter ${above}`
    : `${above} is not for this account to write into`;
  return [shut ? 'project-out-of-reach' : 'project-missing', { ...facts, above, why }];
}

// The code and the facts of a refusal, by what is in the way.
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

// A directory that its owner may not write into goes to no other one, as its way up is in it.
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

// Gives the owner of a tree all rights on its directories, which may not be there yet for reading them.
function openUp(place) {
  for (const waiting = [Buffer.from(place)]; waiting.length;) {
    const one = waiting.pop();
    const stat = fs.lstatSync(one, { throwIfNoEntry: false });
    if (!stat || !stat.isDirectory()) continue;
    if ((stat.mode & 0o700) !== 0o700 && stat.uid === process.getuid())
      fs.chmodSync(one, (stat.mode & 0o7777) | 0o700);
    for (const entry of childrenOf(one))
      if (entry.isDirectory()) waiting.push(Buffer.concat([one, Buffer.from('/'), entry.name]));
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
