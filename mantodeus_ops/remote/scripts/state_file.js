// Reads and writes state files of this tool: checked for type and size, and opened without waiting on a pipe.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { exists, removeTree, syncDirectory, writeAll } = require('./files');
const { print } = require('./job_log');
const { deployDir, inDeploy, params, project } = require('./params');

const STATE_BYTES = 32 << 20; // larger than any state; of larger records, the end is read
const ASIDE = /\.unreadable-\d{14}-[0-9a-f]{4}$/;
const ASIDE_KEPT = 8; // in each directory

const unreadable = new Map(); // descriptions of unreadable files, for the answer of the program

// The limits of remote/answers/decode.py, which refuses the whole answer if a part exceeds them.
const MOST_EXACT = 2 ** 53;
const MOST_LETTERS = 65536; // characters of a text
const MOST_LEVELS = 30;

function isPlain(value, depth = MOST_LEVELS) {
  if (typeof value === 'string')
    return value.length <= MOST_LETTERS && !/\p{Surrogate}/u.test(value);
  if (typeof value === 'number') return Math.abs(value) <= MOST_EXACT;
  if (value === null || typeof value !== 'object') return true;
  return (
    depth > 0 &&
    Object.entries(value).every(([key, item]) => isPlain(key) && isPlain(item, depth - 1))
  );
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function noted(file, text) {
  const description = `${path.relative(project, file)} ${text}`;
  if (unreadable.get(file) === description) return;
  unreadable.set(file, description);
  if (params.job) print(`warning: ${description}`);
}

// Reports an unreadable file and, under the lock, renames it. Returns whether its name is free then.
function keepAside(file, why, may = params.holds_lock) {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const name = `${path.basename(file)}.unreadable-${stamp}-${crypto.randomBytes(2).toString('hex')}`;
  try {
    if (may) fs.renameSync(file, path.join(path.dirname(file), name));
  } catch (error) {
    noted(file, `${why} and cannot be moved (${error.code}): it is passed over`);
    return false;
  }
  noted(file, may ? `${why}: kept as ${name}, and passed over` : `${why}: it is passed over`);
  if (may) forgetAside(path.dirname(file));
  return Boolean(may);
}

function forgetAside(directory) {
  const kept = fs
    .readdirSync(directory)
    .filter((name) => ASIDE.test(name))
    .sort((left, right) => (left.slice(-19) < right.slice(-19) ? -1 : 1));
  for (const name of kept.slice(0, Math.max(0, kept.length - ASIDE_KEPT)))
    removeTree(path.join(directory, name));
}

const KINDS_OF_PLACE = [
  ['isDirectory', 'is a directory'],
  ['isFIFO', 'is a pipe'],
  ['isSocket', 'is a socket'],
  ['isSymbolicLink', 'is a link'],
];

// The reason why an entry is not a plain file; empty if it is.
function oddness(stat) {
  if (stat.isFile()) return '';
  const [, kind] = KINDS_OF_PLACE.find(([is]) => stat[is]()) || ['', 'is a device'];
  return `${kind}, not a file`;
}

// A handle of a plain file; null if it is missing. The error has `odd` if it is something else.
function openState(file, flags = 0) {
  const { O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  let handle = null;
  try {
    handle = fs.openSync(file, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(error.code)) return null;
    throw oddly(error, file);
  }
  const odd = oddness(fs.fstatSync(handle));
  if (!odd) return handle;
  fs.closeSync(handle);
  throw Object.assign(new Error(odd), { odd });
}

function oddly(error, file) {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  const odd =
    (stat && oddness(stat)) ||
    (['EACCES', 'EPERM'].includes(error.code) ? 'cannot be read by this account' : '');
  return odd ? Object.assign(error, { odd }) : error;
}

// The last STATE_BYTES of a file; null if it is missing.
function stateBytes(file) {
  const handle = openState(file);
  if (handle === null) return null;
  try {
    const { size } = fs.fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, STATE_BYTES));
    return {
      bytes: bytes.subarray(0, fs.readSync(handle, bytes, 0, bytes.length, size - bytes.length)),
      whole: size <= STATE_BYTES,
    };
  } finally {
    fs.closeSync(handle);
  }
}

// Does the work; an odd file is reported, moved aside if allowed, and counts as missing.
/** @type {(file: string, work: () => any, how: { otherwise: any, aside?: boolean }) => any} */
function passedOver(file, work, { otherwise, aside = params.holds_lock }) {
  try {
    return work();
  } catch (error) {
    if (!error.odd) throw error;
    keepAside(file, error.odd, aside);
    return otherwise;
  }
}

const utf8 = () => new (require('util').TextDecoder)('utf-8', { fatal: true });

function parsedState({ bytes, whole }, is) {
  if (!whole)
    throw Object.assign(new Error('too large'), { odd: `is larger than ${STATE_BYTES >> 20} MB` });
  let value;
  try {
    value = JSON.parse(utf8().decode(bytes));
  } catch {
    throw Object.assign(new Error('no JSON'), { odd: 'is no JSON' });
  }
  if (!is(value))
    throw Object.assign(new Error('other JSON'), {
      odd: 'does not hold what this tool writes there',
    });
  return value;
}

/**
 * The JSON in a state file; `is` checks its shape.
 * @param {string} file
 * @param {{ is?: (value: any) => boolean, plain?: (value: any) => boolean, otherwise?: any, aside?: boolean }} [how]
 */
function readState(file, { is = isObject, plain = isPlain, otherwise = null, aside } = {}) {
  return passedOver(
    file,
    () => {
      const found = stateBytes(file);
      return found ? parsedState(found, (value) => is(value) && plain(value)) : otherwise;
    },
    { otherwise, aside },
  );
}

function stateText(file, otherwise = '') {
  return passedOver(
    file,
    () => {
      const found = stateBytes(file);
      return found ? found.bytes.toString() : otherwise;
    },
    { otherwise },
  );
}

// Creates a directory of this tool; anything else of its name is moved aside.
function makeDirectory(directory) {
  const stat = fs.statSync(directory, { throwIfNoEntry: false });
  if (stat && stat.isDirectory()) return;
  if (exists(directory)) keepAside(directory, 'is no directory');
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
}

// Renames a temporary file into place; a directory of that name in .deploy is moved aside.
function moveOver(temporary, file) {
  try {
    fs.renameSync(temporary, file);
  } catch (error) {
    if (
      error.code !== 'EISDIR' ||
      !file.startsWith(`${deployDir}/`) ||
      !keepAside(file, 'is a directory, not a file')
    )
      throw error;
    fs.renameSync(temporary, file);
  }
}

// Replaces a file atomically: writes and syncs a temporary file beside it, renames it, and syncs the directory.
function writeWhole(file, text) {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = fs.openSync(temporary, 'w', 0o600);
  try {
    writeAll(handle, Buffer.from(text));
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
  moveOver(temporary, file);
  syncDirectory(path.dirname(file));
}

// The result of a job, beside its log.
const resultFile = () => inDeploy('jobs', params.job, 'result.json');
const hasResult = () => exists(resultFile());
const leaveResult = (result) => writeWhole(resultFile(), JSON.stringify(result));

module.exports = {
  hasResult,
  isObject,
  isPlain,
  keepAside,
  leaveResult,
  makeDirectory,
  noted,
  openState,
  readState,
  stateText,
  unreadable,
  writeWhole,
};
