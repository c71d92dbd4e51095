// Facts about the processes of the live version: status, memory, health, crashes.
'use strict';
const { cleanEnv, runAsync } = require('../../remote/scripts/commands');
const { readText } = require('../../remote/scripts/files');
const { params } = require('../../remote/scripts/params');
const { now } = require('../../remote/scripts/time');
const { readLive } = require('../../transaction/scripts/journal');
const { crashesOf, howEnded } = require('./crashes');
const { check, seenOf } = require('../../health/scripts/health');
const { misasked, rightQuestion } = require('../../health/scripts/health_elsewhere');
const { listLive } = require('./live_apps');
const { steadyBeside, workersBeside } = require('./other_apps');
const { findPm2, foreignWorker } = require('./pm2');
const { family } = require('../../health/scripts/socket_owner');
const { fieldsOf, textLines } = require('../../text/whitespace');

function residentBytes(pid) {
  const lines = textLines(readText(`/proc/${pid}/status`, ''));
  const [, kilobytes = '0'] = fieldsOf(lines.find((line) => line.startsWith('VmRSS:')) || '');
  return Number(kilobytes) * 1024;
}

// PM2 measures only the process that it started: for `npm start` that is npm, and not the app.
function withTree(worker) {
  const pids = worker.pid ? family([worker.pid]) : [];
  if (pids.length < 2) return worker;
  return { ...worker, memory: pids.reduce((sum, pid) => sum + residentBytes(pid), 0) };
}

const sumOf = (workers, key) => workers.reduce((sum, worker) => sum + worker[key], 0);

// One record for each app of the live version.
const appFacts = (apps) =>
  apps.map(({ name, rests, workers }) => ({
    name,
    rests,
    status: [...new Set(workers.map(({ status }) => status))].join(', ') || 'missing',
    pid: (workers[0] || { pid: 0 }).pid,
    restarts: sumOf(workers, 'restarts'),
    memory: sumOf(workers, 'memory'),
    mode: ((workers[0] || {}).mode || '').replace('_mode', ''),
  }));

async function pm2Facts() {
  const seen = await listLive();
  const workers = seen.workers.map(withTree);
  const others = seen.others.map((app) => ({ ...app, workers: app.workers.map(withTree) }));
  const command = findPm2();
  const available =
    seen.daemon ||
    command[0] !== 'npx' ||
    (await runAsync([...command, '--version'], { env: cleanEnv(), timeout: 30 })).code === 0;
  const apps = appFacts([{ name: params.app, rests: false, workers }, ...others]);
  const foreign = foreignWorker([...workers, ...workersBeside(others)]);
  const elsewhere = foreign ? { name: foreign.name, cwd: foreign.cwd } : null;
  return {
    daemon: seen.daemon,
    elsewhere,
    workers,
    others,
    apps,
    command: command.join(' '),
    available,
  };
}

/** @type {(pm2Seen: any) => Promise<any>} */
async function healthFacts(pm2Seen) {
  if (pm2Seen.error) return { healthy: false, reason: pm2Seen.error, refusal: pm2Seen.refusal };
  if (!pm2Seen.daemon) return { healthy: false, reason: 'the PM2 daemon is not running' };
  const seen = await check(pm2Seen.workers, pm2Seen.others);
  return { ...seenOf(seen), ...(!readLive() && (await questionFacts(pm2Seen.workers, seen))) };
}

// Of an app that was not deployed by this tool yet: whether only the question is wrong.
async function questionFacts(workers, { healthy, answer = undefined }) {
  if (healthy || !misasked(workers, answer)) return null;
  return { misasked: true, right: await rightQuestion(workers, answer) };
}

function crashFacts({ workers, others }) {
  const { recent } = crashesOf([...workers, ...steadyBeside(others)]);
  return {
    count: recent.length,
    last: recent.length
      ? { at: now() - recent[recent.length - 1].ago, how: howEnded(recent[recent.length - 1]) }
      : null,
  };
}

module.exports = { crashFacts, healthFacts, pm2Facts };
