// Reads the app's own logs from where PM2 keeps them, and goes on reading when asked to.
'use strict';
const fs = require('fs');
const path = require('path');
const { listApp, summary } = require('../../app/scripts/pm2');
const { pm2Home } = require('../../app/scripts/pm2_daemon');
const { refuse } = require('../../remote/scripts/errors');
const { bytesBetween, exists, readJson, readText, sizeNow } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { reply } = require('../../remote/scripts/reply');
const { now, sleep } = require('../../remote/scripts/time');

const CHUNK = 262144;
const DEEPEST = 256 * CHUNK; // a pattern that nothing matches must not read a log of many gigabytes
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

// A daemon that is down has left its list: an app that does not run is when its log is read most.
async function entries() {
  const { daemon, workers } = await listApp();
  if (daemon && workers.length) return workers;
  const dump = readJson(path.join(pm2Home(), 'dump.pm2'), []) || [];
  return dump
    .filter((entry) => entry && entry.name === params.app)
    .map((entry) => summary({ pm_id: entry.pm_id, pm2_env: entry }));
}

async function sources() {
  if (params.webhook)
    return [{ source: 'webhook', file: path.join(project, 'logs', 'webhook.log') }];
  const files = new Map();
  for (const worker of await entries()) {
    if (!params.err && worker.out_log) files.set(worker.out_log, 'out');
    if (worker.err_log)
      files.set(worker.err_log, files.get(worker.err_log) === 'out' ? 'log' : 'err');
  }
  if (files.size === 0) throw refuse('pm2-app-unknown');
  return [...files].map(([file, source]) => ({ source, file }));
}

// The last lines that are wanted, read from the end; where the last whole line ends.
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

// A line without a time is as old as the one before it.
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

function begin({ source, file }, since) {
  if (params.at && params.at[file] !== undefined)
    return { source, file, at: params.at[file], inode: 0 };
  const { lines, at } = lastLines(file, params.lines);
  for (const line of since ? youngEnough(lines, since, file) : lines)
    reply({ source, file, line, at });
  return { source, file, at, inode: exists(file) ? fs.statSync(file).ino : 0 };
}

// A log that was emptied or replaced is read from its beginning.
function more(one) {
  if (!exists(one.file)) return;
  const { size, ino } = fs.statSync(one.file);
  if (size < one.at || (one.inode && ino !== one.inode)) one.at = 0;
  one.inode = ino;
  const fresh = bytesBetween(one.file, one.at, Math.min(size, one.at + 4 * CHUNK));
  const end = fresh.lastIndexOf(10) + 1 || (fresh.length >= 4 * CHUNK ? fresh.length : 0);
  const lines = fresh.subarray(0, end).toString().split('\n');
  one.at += end;
  for (const line of lines)
    if (line && keeps(line)) reply({ source: one.source, file: one.file, line, at: one.at });
}

async function follow(open) {
  for (let turn = 1; ; turn++) {
    await sleep(0.4);
    if (turn % 12 === 0) {
      const found = await sources().catch(() => []); // while PM2 restarts it, it may know nothing
      for (const one of found)
        if (!open.some((known) => known.file === one.file)) open.push({ ...one, at: 0, inode: 0 });
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
  reply({ sources: found.map((one) => one.source) });
  const open = found.map((one) => begin(one, since));
  if (params.follow) await follow(open);
  return { exit: 0 };
}

module.exports = { main };
