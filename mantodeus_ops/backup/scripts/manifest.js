// Manifests of backups. A backup is listed only if its archive has the size in the manifest, which is written last.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { keyed } = require('../../remote/scripts/signing_key');
const { exists, syncDirectory } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { canRead } = require('../../remote/scripts/permissions');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');

const backupDir = path.resolve(project, params.backup_dir || 'backups');
const archiveOf = (name) => path.join(backupDir, `${name}.tar.gz`);
const manifestOf = (name) => path.join(backupDir, `${name}.json`);
const FORMAT = 2;
const NAME = /^backup-\d{8}-\d{6}$/;

function sizeOf(file) {
  try {
    const stat = fs.lstatSync(file);
    return stat.isFile() ? stat.size : -1;
  } catch {
    return -1;
  }
}

const areTexts = (value) => Array.isArray(value) && value.every((one) => typeof one === 'string');
const isWhole = (value) => Number.isInteger(value) && value >= 0;
const isPart = (value) => isObject(value) && typeof value.path === 'string';
// The required and the optional fields of a manifest.
/** @type {[string[], (value: any) => boolean][]} */
const SAYS = [
  [
    ['name', 'sha256', 'content', 'verdict', 'reason', 'revision'],
    (value) => typeof value === 'string',
  ],
  [['format', 'at', 'sequence'], Number.isFinite],
  [['bytes', 'plain_bytes', 'entries'], isWhole],
  [['paths', 'absent'], areTexts],
  [['parts'], (value) => Array.isArray(value) && value.every(isPart)],
];
/** @type {[string[], (value: any) => boolean][]} */
const MAY_SAY = [
  [['branch', 'abi', 'same_as'], (value) => typeof value === 'string'],
  [['seconds'], Number.isFinite],
  [['skipped', 'shut', 'reused', 'made'], areTexts],
];

function isManifest(one, name) {
  const says = ([keys, is]) => keys.every((key) => is(one[key]));
  const maySay = ([keys, is]) => keys.every((key) => one[key] === undefined || is(one[key]));
  return Boolean(one) && one.name === name && SAYS.every(says) && MAY_SAY.every(maySay);
}

function listedNames() {
  try {
    return fs
      .readdirSync(backupDir)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -5))
      .filter((name) => NAME.test(name));
  } catch {
    return [];
  }
}

// A manifest of format 1 has no digest of the content; that of the archive takes its place.
const ofFirst = (one) =>
  one && one.format === 1
    ? { reason: '', revision: '', verdict: 'unknown', content: one.sha256, ...one }
    : one;

const digestOfText = (text) => crypto.createHash('sha256').update(text).digest('hex');

// The id of a state: a digest of its revision, its content (`.env` included) and its PM2 entry. Without a revision, as in
// an archive of the old scripts, the content alone.
const stateOf = (revision, content, started = '') =>
  revision
    ? digestOfText(JSON.stringify([revision, content, ...(started ? [started] : [])]))
    : content;

// How the version was started, as a digest of its entry; empty where that was not recorded.
// An app that was started by hand is identified by its revision and files alone.
function startedOf(live) {
  const entry = (live && live.entry) || {};
  return entry.kept ? '' : entry.digest || '';
}

function upgraded(read) {
  const one = ofFirst(read);
  return (
    one && {
      ...one,
      state: typeof one.state === 'string' ? one.state : stateOf(one.revision, one.content),
      since: Number.isFinite(one.since) ? one.since : one.sequence,
    }
  );
}

const readManifest = (name) => {
  const one = NAME.test(name) ? upgraded(readState(manifestOf(name), { aside: false })) : null;
  return isManifest(one, name) && sizeOf(archiveOf(name)) === one.bytes ? one : null;
};

// Whether the archive belongs to this account and can be read.
function isUsable(name) {
  const stat = fs.lstatSync(archiveOf(name), { throwIfNoEntry: false });
  return (
    Boolean(stat) && stat.isFile() && stat.uid === process.getuid() && canRead(archiveOf(name))
  );
}

// All backups, newest first by a growing number, as clocks may be set back.
const backups = () =>
  listedNames()
    .map(readManifest)
    .filter(Boolean)
    .sort((left, right) => right.sequence - left.sequence);

const contentOfState = (parts, absent) =>
  digestOfText(
    JSON.stringify([parts.map((one) => [one.path, one.content]).sort(), [...absent].sort()]),
  );

// The same, but with the version that owns the files, if known, so that files added by the app do not count.
const versionOfState = (parts, absent) =>
  contentOfState(
    parts.map((one) => ({ path: one.path, content: one.own || one.content })),
    absent,
  );

// The records of a state; a run begun by an older version of this tool names the state by its content.
function recordsOf(state) {
  const all = state ? backups() : [];
  const found = all.filter((one) => one.state === state);
  return found.length ? found : all.filter((one) => one.content === state);
}

// Changes all records of a state, as a verdict applies to each of them.
function markState(state, change) {
  for (const one of recordsOf(state)) {
    if (Object.keys(change).some((key) => (one[key] || false) !== change[key]))
      writeWhole(manifestOf(one.name), JSON.stringify({ ...one, ...change }));
  }
}

// Marks every record of these bytes (hard links to one archive) as damaged, but no other archive of the state.
function markDamaged(name) {
  const { ino } = fs.statSync(archiveOf(name));
  for (const one of backups().filter((other) => fs.statSync(archiveOf(other.name)).ino === ino))
    writeWhole(manifestOf(one.name), JSON.stringify({ ...one, damaged: true }));
}

function* range(file, from, length) {
  const handle =
    typeof file === 'number'
      ? file
      : fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    for (let at = 0; at < length;) {
      const buffer = Buffer.allocUnsafe(Math.min(1 << 20, length - at));
      const size = fs.readSync(handle, buffer, 0, buffer.length, from + at);
      if (size === 0) return;
      yield buffer.subarray(0, size);
      at += size;
    }
  } finally {
    if (handle !== file) fs.closeSync(handle);
  }
}

function sha256Of(file, length) {
  const sum = crypto.createHash('sha256');
  for (const piece of range(file, 0, length)) sum.update(piece);
  return sum.digest('hex');
}

// Gives archive and manifest their names once both are on the disk; the manifest last, as it makes the backup listed.
function publish(partial, archive, manifest) {
  writeWhole(path.join(partial, 'manifest'), JSON.stringify(manifest));
  fs.renameSync(path.join(partial, archive), archiveOf(manifest.name));
  syncDirectory(backupDir);
  fs.renameSync(path.join(partial, 'manifest'), manifestOf(manifest.name));
  syncDirectory(backupDir);
}

// A seal proves that an archive was made here: its key can be read by this account only.
const seal = (sha256) => keyed(sha256);

const madeHere = (manifest) => exists(inDeploy('key')) && manifest.seal === seal(manifest.sha256);

// The fields of a manifest that leave the host; internal ones are left out.
/** @type {(manifest: any) => any} */
const summaryOf = ({ parts, seal: sealed, live, start, ...fields }) => ({
  ...fields,
  sizes: parts.map(({ path: name, bytes, plain }) => ({ path: name, bytes, plain })),
});

module.exports = {
  FORMAT,
  NAME,
  archiveOf,
  backupDir,
  backups,
  contentOfState,
  isUsable,
  listedNames,
  madeHere,
  manifestOf,
  markDamaged,
  markState,
  publish,
  range,
  readManifest,
  recordsOf,
  seal,
  sha256Of,
  sizeOf,
  startedOf,
  stateOf,
  summaryOf,
  versionOfState,
};
