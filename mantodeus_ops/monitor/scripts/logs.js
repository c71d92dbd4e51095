// Reads the app's logs from the files that PM2 names, and follows them on request.
'use strict';
const fs = require('fs');
const path = require('path');
const { listLive, liveNames } = require('../../pm2/scripts/live_apps');
const { workersBeside } = require('../../pm2/scripts/other_apps');
const { summary } = require('../../pm2/scripts/pm2');
const { pm2Home } = require('../../pm2/scripts/pm2_daemon');
const { refuse } = require('../../remote/scripts/errors');
const { bytesBetween, exists, readJson, readText, sizeNow } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { reply } = require('../../remote/scripts/reply');
const { now, sleep } = require('../../remote/scripts/time');

const CHUNK = 262144;
const DEEPEST = 256 * CHUNK; // a pattern without matches must not read gigabytes
const STAMP =
  /^(?:\{"at": "|\W)?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)/;

function pattern() {
  try {
    return params.grep ? new RegExp(params.grep) : null;
  } catch (error) {
    throw refuse('pattern-invalid', { why: error.message });
  }
}
let wanted = null;
const keeps = (line) => !wanted || wanted.test(line);

// The workers of the app; from PM2's saved list if the daemon is down, when logs are needed most.
async function entries() {
  const { daemon, workers, others } = await listLive();
  if (daemon && workers.length) return [...workers, ...workersBeside(others)];
  const names = [params.app, ...liveNames()];
  const dump = readJson(path.join(pm2Home(), 'dump.pm2'), []) || [];
  return dump
    .filter((entry) => entry && names.includes(entry.name))
    .map((entry) => summary({ pm_id: entry.pm_id, name: entry.name, pm2_env: entry }));
}

// The entries of one app, if the operator named one.
async function wantedEntries() {
  const all = await entries();
  const names = [...new Set(all.map(({ name }) => name))];
  if (params.only && !names.includes(params.only))
    throw refuse('log-app-unknown', { name: params.only, names: names.join(', ') || 'none' });
  return all.filter(({ name }) => !params.only || name === params.only);
}

async function sources() {
  if (params.webhook)
    return [{ app: '', source: 'webhook', file: path.join(project, 'logs', 'webhook.log') }];
  const files = new Map();
  for (const { name: app, out_log: out, err_log: err } of await wantedEntries()) {
    if (!params.err && out) files.set(out, { app, source: 'out' });
    if (err)
      files.set(err, { app, source: (files.get(err) || {}).source === 'out' ? 'log' : 'err' });
  }
  if (files.size === 0) throw refuse('pm2-app-unknown');
  return [...files].map(([file, log]) => ({ ...log, file }));
}

// The last matching lines, read from the end of the file, and the offset after its last complete line.
function lastLines(file, most) {
  const size = sizeNow(file);
  const found = [];
  let [end, rest, at] = [size, '', -1];
  while (end > 0 && found.length < most && size - end < DEEPEST) {
    const start = Math.max(0, end - CHUNK);
    const pieces = (bytesBetween(file, start, end).toString('latin1') + rest).split('\n');
    if (at < 0 && pieces.length > 1) at = end - pieces[pieces.length - 1].length;
    rest = start > 0 ? pieces.shift() : '';
    for (const piece of pieces.reverse()) {
      const line = Buffer.from(piece, 'latin1').toString();
      if (line && keeps(line) && found.length < most) found.unshift(line);
    }
    end = start;
  }
  return { lines: found, at: Math.max(0, at) };
}

// The lines since a time; a line without a time has that of the line before it.
function youngEnough(lines, since, file) {
  const times = lines.map((line) => Date.parse((STAMP.exec(line) || [])[1] || '') / 1000);
  if (!times.some(Number.isFinite)) {
    if (lines.length)
      reply({
        note: `${path.basename(file)} carries no times: --since cannot tell its lines apart (time: true in the ecosystem file adds them)`,
      });
    return exists(file) && fs.statSync(file).mtimeMs / 1000 >= since ? lines : [];
  }
  let last = 0;
  return lines.filter(
    (_line, index) => (last = Number.isFinite(times[index]) ? times[index] : last) >= since,
  );
}

const startOf = () => (params.since_seconds ? now() - params.since_seconds : params.since_at || 0);

function begin({ app, source, file }, since) {
  if (params.at && params.at[file] !== undefined)
    return { app, source, file, at: params.at[file], inode: 0 };
  const { lines, at } = lastLines(file, params.lines);
  for (const line of since ? youngEnough(lines, since, file) : lines)
    reply({ app, source, file, line, at });
  return { app, source, file, at, inode: exists(file) ? fs.statSync(file).ino : 0 };
}

// Prints new lines; a log that was emptied or replaced is read from its beginning.
function more(log) {
  if (!exists(log.file)) return;
  const { size, ino } = fs.statSync(log.file);
  if (size < log.at || (log.inode && ino !== log.inode)) log.at = 0;
  log.inode = ino;
  const fresh = bytesBetween(log.file, log.at, Math.min(size, log.at + 4 * CHUNK));
  const end = fresh.lastIndexOf(10) + 1 || (fresh.length >= 4 * CHUNK ? fresh.length : 0);
  const lines = fresh.subarray(0, end).toString().split('\n');
  log.at += end;
  for (const line of lines)
    if (line && keeps(line))
      reply({ app: log.app, source: log.source, file: log.file, line, at: log.at });
}

async function follow(open) {
  for (let turn = 1; ; turn++) {
    await sleep(0.4);
    if (turn % 12 === 0) {
      const found = await sources().catch(() => []); // PM2 may not list the app during a restart
      for (const log of found)
        if (!open.some((known) => known.file === log.file)) open.push({ ...log, at: 0, inode: 0 });
    }
    open.forEach(more);
    if (turn % 4 === 0) reply({ beat: turn });
  }
}

async function main() {
  wanted = pattern();
  const since = startOf();
  reply({ env: readText(path.join(project, params.env_file)) });
  const found = await sources();
  const apps = [...new Set(found.map((log) => log.app))];
  reply({ sources: found.map((log) => log.source), apps });
  const open = found.map((one) => begin(one, since));
  if (params.follow) await follow(open);
  return { exit: 0 };
}

module.exports = { main };
