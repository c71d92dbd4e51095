// What PM2 knows of the app, without believing more than it can show.
'use strict';
const fs = require('fs');
const path = require('path');
const { cleanEnv, runAsync } = require('../../remote/scripts/commands');
const { refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { ageOfProcess } = require('../../remote/scripts/process');
const { now } = require('../../remote/scripts/time');
const { fieldsOf, textLines, trimmed } = require('../../text/whitespace');
const { askDaemon, pm2Daemon } = require('./pm2_daemon');

// PM2 may be on PATH, in the app's own node_modules, or only within reach of npx.
function findPm2() {
  if (params.pm2) return fieldsOf(params.pm2);
  for (const directory of process.env.PATH.split(':')) {
    if (directory && exists(path.join(directory, 'pm2'))) return [path.join(directory, 'pm2')];
  }
  const own = path.join(project, 'node_modules', '.bin', 'pm2');
  return exists(own) ? [own] : ['npx', '--no-install', 'pm2'];
}

// Banners come before the list; a banner line may begin with a bracket too, so the last line that parses counts.
function parseList(text) {
  for (const line of text.split('\n').reverse()) {
    try {
      const list = JSON.parse(line);
      if (Array.isArray(list)) return list;
    } catch {
      // not the list
    }
  }
  return null;
}

const textOf = (value, otherwise = '') => (typeof value === 'string' && value ? value : otherwise);
const numberOf = (value) => (Number.isFinite(value) && value > 0 ? value : 0);

// When a process began, to be held against the times of files: the earlier moment where the clock was set since.
function beganAt(pid, told) {
  const counted = now() - ageOfProcess(pid);
  return ageOfProcess(pid) && Math.abs(counted - told) > 1
    ? Math.min(counted, told || counted)
    : told;
}

// Whatever PM2 says: a field that is missing or of a strange kind is one that is not known.
function summary(entry) {
  const env = entry.pm2_env || {};
  const monit = entry.monit || {};
  const pid = Number.isInteger(entry.pid) ? numberOf(entry.pid) : 0;
  return {
    id: entry.pm_id,
    pid,
    status: textOf(env.status, 'unknown'),
    restarts: numberOf(env.restart_time),
    unstable: numberOf(env.unstable_restarts),
    up_since: numberOf(env.pm_uptime) / 1000,
    age: ageOfProcess(pid),
    since: beganAt(pid, numberOf(env.pm_uptime) / 1000),
    autorestart: ![false, 'false'].includes(env.autorestart),
    stop_codes: [env.stop_exit_codes].flat().map(Number).filter(Number.isInteger),
    memory: numberOf(monit.memory),
    cpu: numberOf(monit.cpu),
    mode: textOf(env.exec_mode),
    cwd: textOf(env.pm_cwd),
    script: textOf(env.pm_exec_path),
    out_log: textOf(env.pm_out_log_path),
    err_log: textOf(env.pm_err_log_path),
  };
}

// Whole, as what is left of a cut secret is not known as one; and not of the list, which holds all variables of all apps.
const firstWords = (said) =>
  textLines(said)
    .map(trimmed)
    .find((line) => !/^\[?\{/.test(line)) || 'it said nothing';

// The daemon is asked itself; PM2's own program only where it is of a kind that we do not know.
async function listAll(pid) {
  const list = await askDaemon(pid);
  if (list) return list;
  const done = await runAsync([...findPm2(), '-s', 'jlist'], {
    env: cleanEnv({ PM2_DISCRETE_MODE: 'true' }),
  });
  const parsed = parseList(done.stdout);
  if (!parsed) throw refuse('pm2-not-listed', { why: firstWords(done.stderr || done.stdout) });
  return parsed;
}

// As PM2 has them: with every variable of their environments.
async function listEntries() {
  const pid = pm2Daemon();
  return pid ? (await listAll(pid)).filter((entry) => entry && entry.name === params.app) : null;
}

async function listApp() {
  const entries = await listEntries();
  return { daemon: entries !== null, workers: (entries || []).map(summary) };
}

const heldBy = (entry) => (entry.pm2_env || {}).env || {};

const pm2 = (...args) =>
  runAsync([...findPm2(), ...args], { env: cleanEnv({ PM2_DISCRETE_MODE: 'true' }), timeout: 120 });

// The same name in another directory is another app: touching it would break what is not ours.
function foreignWorker(workers) {
  const real = (name) => {
    try {
      return fs.realpathSync(name);
    } catch {
      return name;
    }
  };
  const home = real(project);
  const inside = (name) => name && (real(name) === home || real(name).startsWith(`${home}/`));
  return workers.find((worker) => worker.cwd && !inside(worker.cwd) && !inside(worker.script));
}

function ownWorkers(workers) {
  const foreign = foreignWorker(workers);
  if (foreign) throw refuse('pm2-app-elsewhere', { name: params.app, cwd: foreign.cwd });
  return workers;
}

module.exports = {
  findPm2,
  foreignWorker,
  heldBy,
  listAll,
  listApp,
  listEntries,
  ownWorkers,
  pm2,
  summary,
};
