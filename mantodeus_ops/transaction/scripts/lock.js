// The lock of an app. Its directory has numbered records; the highest number is the lock. A record is taken by link(2),
// which fails if the name exists: of several takers one wins, on NFS too, and without flock(1) on the host.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { refuse } = require('../../remote/scripts/errors');
const { exists, removeTree } = require('../../remote/scripts/files');
const { withReserve } = require('../../remote/scripts/limits');
const { inDeploy } = require('../../remote/scripts/params');
const {
  bootId,
  bootSeconds,
  isAlive,
  liveJobs,
  startedAt,
  sweepTemporary,
} = require('../../remote/scripts/process');
const {
  isObject,
  isPlain,
  noted,
  readState,
  writeWhole,
} = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');

const lockDir = inDeploy('lock');
const GRACE_SECONDS = 4; // how long a dropped connection may come back before another run takes the lock

function generations() {
  try {
    return fs
      .readdirSync(lockDir)
      .filter((name) => /^\d{8}$/.test(name))
      .sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') noted(lockDir, 'is no directory: nothing can be locked');
    if (['ENOENT', 'ENOTDIR'].includes(error.code)) return [];
    throw error;
  }
}

// The time of this file is that of the holder's last heartbeat.
const beatFile = (name) => path.join(lockDir, `${name}.beat`);

// The last heartbeat: 0 before the first one, null for a holder without heartbeats.
function beatOf({ name, record }) {
  if (!record.beats) return null;
  try {
    return fs.statSync(beatFile(name)).mtimeMs;
  } catch {
    return 0;
  }
}

const isRecord = (one) => isObject(one) && typeof one.kind === 'string';
const UNREADABLE = { kind: 'unreadable' };

const MOST_WORDS = 4000; // characters of a text, such as the reason of a freeze

// A record with invalid fields removed, so that a freeze with a malformed reason is still a freeze.
function typed(record) {
  const plain = Object.fromEntries(
    Object.entries(record).filter(([name, value]) => isPlain(name) && isPlain(cut(value))),
  );
  const known = { ...plain, token: typeof plain.token === 'string' ? plain.token : '' };
  for (const name of ['task', 'who', 'from', 'ref', 'reason']) {
    if (typeof known[name] === 'string') known[name] = cut(known[name]);
    else delete known[name];
  }
  for (const name of ['since', 'orphaned_at', 'orphaned_up'])
    if (!Number.isFinite(known[name])) delete known[name];
  return known;
}

const cut = (value) => (typeof value === 'string' ? value.slice(0, MOST_WORDS) : value);
const readRecord = (file, more) => readState(file, { is: isRecord, plain: () => true, ...more });

/** @type {() => { name: string, record: any }} */
function newest() {
  const names = generations();
  const name = names[names.length - 1];
  if (!name) return { name: '00000000', record: { kind: 'free' } };
  return {
    name,
    record: typed(readRecord(path.join(lockDir, name), { otherwise: UNREADABLE, aside: false })),
  };
}

// The verdict of a record: free, frozen (until a person unlocks it), held, orphaned (its connection dropped) or dead.
function judge(record) {
  if (record.kind === 'free') return 'free';
  if (record.kind === 'freeze') return 'frozen';
  const jobs = liveJobs().length > 0;
  if (record.kind === 'unreadable') return jobs ? 'orphaned' : 'dead';
  if (record.boot !== bootId()) return 'dead';
  if (!isAlive(record.pid, record.started)) return jobs ? 'orphaned' : 'dead';
  return record.orphaned_at ? 'orphaned' : 'held';
}

function describe(record) {
  const verdict = judge(record);
  const { pid, started, boot, beats, orphaned_up: up, ...shown } = record;
  return { ...shown, verdict, jobs: liveJobs().map((job) => job.id) };
}

// Seconds since the connection dropped, by the uptime; a record of an older version of this tool has only a time.
function secondsAlone(record) {
  if (record.orphaned_up !== undefined) return bootSeconds() - record.orphaned_up;
  return Math.abs(now() - (record.orphaned_at || 0));
}

// Whether the lock may be taken. A run that reconnects (`again`) may not if another run had it in the meantime, as its
// facts may be outdated.
function mayTake(record, token, again) {
  if (again) return record.token === token;
  const verdict = judge(record);
  if (verdict === 'free' || verdict === 'dead' || record.token === token) return true;
  if (verdict !== 'orphaned' || liveJobs().length > 0) return false;
  return secondsAlone(record) > GRACE_SECONDS;
}

function linkNext(name, record) {
  const next = String(Number(name) + 1).padStart(8, '0');
  if (next.length > 8) throw refuse('lock-records-used-up', { file: `.deploy/lock/${name}` });
  const temporary = path.join(lockDir, `.${record.token}.${process.pid}.tmp`);
  fs.writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
  try {
    fs.linkSync(temporary, path.join(lockDir, next));
  } catch (error) {
    if (error.code === 'EEXIST') return '';
    throw error;
  } finally {
    fs.unlinkSync(temporary);
  }
  return next;
}

// Whether the linked record is the highest. A slow taker may link a number below a newer one, which holds.
function stillNewest(name) {
  if (newest().name === name) return true;
  fs.rmSync(path.join(lockDir, name), { force: true });
  return false;
}

// Deletes an old record; one that cannot be read is moved aside, as it may have been a freeze.
function forget(file) {
  const known = file.endsWith('.beat') || readRecord(file, { aside: true });
  if (known) removeTree(file);
}

function forgetOlder(name) {
  for (const older of fs
    .readdirSync(lockDir)
    .filter((other) => /^\d{8}(\.beat)?$/.test(other) && other < name)) {
    forget(path.join(lockDir, older));
  }
  sweepTemporary(lockDir);
}

const take = (record, again = false) => withReserve(() => takeOnce(record, again));

// Creates the directory of the lock. Nothing is moved aside for it, as the lock is not held yet.
function makeLockDirectory() {
  if (exists(lockDir) && !fs.lstatSync(lockDir).isDirectory())
    throw refuse('lock-no-directory', { file: '.deploy/lock' });
  fs.mkdirSync(lockDir, { recursive: true, mode: 0o700 });
}

function takeOnce(record, again) {
  makeLockDirectory();
  for (;;) {
    const seen = newest();
    if (!mayTake(seen.record, record.token, again))
      return { held: false, holder: { ...describe(seen.record), beat: beatOf(seen) } };
    const verdict = judge(seen.record);
    const name = linkNext(seen.name, record);
    if (!name || !stillNewest(name)) continue;
    forgetOlder(name);
    return {
      held: true,
      name,
      before: verdict === 'free' ? null : { ...describe(seen.record), verdict },
    };
  }
}

// Changes the newest record if this holder took it: the run may have reconnected under another record. A freeze has no
// holder.
function rewrite(token, change, holder) {
  const seen = newest();
  const { pid = 0, started = '' } = seen.record;
  if (seen.record.token !== token || pid !== holder || String(started) !== startedAt(holder))
    return false;
  const next = { ...seen.record, ...change };
  for (const key of Object.keys(next)) if (next[key] === null) delete next[key];
  writeWhole(path.join(lockDir, seen.name), JSON.stringify(next));
  if (next.kind === 'free') fs.rmSync(beatFile(seen.name), { force: true });
  return true;
}

// Ends a freeze, or a record that cannot be read, and answers whether the lock is free then.
function unlock({ token }) {
  const { name, record } = newest();
  if (record.kind === 'freeze' && record.token === token)
    writeWhole(path.join(lockDir, name), JSON.stringify({ ...record, kind: 'free' }));
  if (record.kind === 'unreadable' && !liveJobs().length) {
    const free = linkNext(name, { kind: 'free', token: crypto.randomBytes(6).toString('hex') });
    if (free) forgetOlder(free);
  }
  return { done: newest().record.kind === 'free' };
}

module.exports = { describe, newest, rewrite, take, unlock };
