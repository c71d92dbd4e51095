// Reads, measures and removes files and directories.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { openUp } = require('./permissions');
const { A_DAY, now } = require('./time');

function readText(file, otherwise = '') {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ESRCH'].includes(error.code)) return otherwise; // ESRCH: the process of a file in /proc has ended
    throw error;
  }
}

function readJson(file, otherwise = null) {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) return otherwise;
    throw error;
  }
}

function syncDirectory(directory) {
  const handle = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

// A write may take a part of the bytes only; on a full disk, the next one fails.
function writeAll(handle, bytes) {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(handle, bytes, at, bytes.length - at);
}

const exists = (file) => {
  try {
    fs.lstatSync(file);
    return true;
  } catch {
    return false;
  }
};

// Null for a missing file and a broken link.
function statOf(file) {
  try {
    return fs.statSync(file);
  } catch {
    return null;
  }
}

// Whether a path is this place, or lies below it.
const isWithin = (name, place) => name === place || name.startsWith(`${place}/`);

const onPath = (name) =>
  process.env.PATH.split(':').some((directory) => directory && exists(path.join(directory, name)));
const SHARED = '.shared'; // the app's data inside its outputs
const LOCKFILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
];
// The process files that PM2 takes, in the order in which they are looked for.
const DATA = ['json', 'yaml', 'yml'];
const PROCESS_FILES = [
  ...['cjs', 'js', 'mjs', ...DATA].map((kind) => `ecosystem.config.${kind}`),
  ...[...DATA, 'json5'].map((kind) => `ecosystem.${kind}`),
  ...['cjs', 'js', 'mjs', ...DATA].map((kind) => `pm2.config.${kind}`),
  ...['pm2', 'process', 'processes'].flatMap((name) => DATA.map((kind) => `${name}.${kind}`)),
];
const sizeNow = (file) => (exists(file) ? fs.statSync(file).size : 0);

// Seconds since the file changed. The clock may have been set back: a time in the future counts as 0, one more than a
// day ahead as Infinity.
function ageOf(file) {
  const age = now() - fs.statSync(file).mtimeMs / 1000;
  return age < -A_DAY ? Infinity : Math.max(0, age);
}

// The sha256 of a file; empty if it is missing.
function digestOf(file) {
  try {
    return crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

// The bytes of a file between two offsets, as far as they exist.
function bytesBetween(file, from, to) {
  const handle = fs.openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, to - from));
    return buffer.subarray(0, fs.readSync(handle, buffer, 0, buffer.length, from));
  } finally {
    fs.closeSync(handle);
  }
}

function tailOf(file, most) {
  if (!file || !exists(file)) return '';
  const size = sizeNow(file);
  return bytesBetween(file, size - Math.min(size, most), size).toString();
}

// Removes a tree, also if directories in it have modes that do not allow that.
function removeTree(place) {
  try {
    fs.rmSync(place, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes(error.code)) throw error;
    openUp(place);
    fs.rmSync(place, { recursive: true, force: true, maxRetries: 5 }); // another program may be writing there
  }
}

// The names in a directory; none if it is missing or unreadable.
function namesIn(directory) {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

module.exports = {
  LOCKFILES,
  SHARED,
  PROCESS_FILES,
  ageOf,
  bytesBetween,
  digestOf,
  exists,
  isWithin,
  namesIn,
  onPath,
  readJson,
  readText,
  removeTree,
  sizeNow,
  statOf,
  syncDirectory,
  tailOf,
  writeAll,
};
