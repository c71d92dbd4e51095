// What PM2 reports of the app; fields that are missing or malformed count as unknown.
'use strict';
const fs = require('fs');
const path = require('path');
const { cleanEnv, runAsync } = require('../../remote/scripts/commands');
const { refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { appDir, params, project } = require('../../remote/scripts/params');
const { ageOfProcess } = require('../../remote/scripts/process');
const { now } = require('../../remote/scripts/time');
const { fieldsOf, textLines, trimmed } = require('../../text/whitespace');
const { appsOf, mayRest } = require('./apps');
const { askDaemon, pm2Daemon } = require('./pm2_daemon');

// PM2 is on PATH, in the app's node_modules, or started by npx.
function findPm2() {
  if (params.pm2) return fieldsOf(params.pm2);
  for (const directory of process.env.PATH.split(':')) {
    if (directory && exists(path.join(directory, 'pm2'))) return [path.join(directory, 'pm2')];
  }
  const own = [appDir, project].map((one) => path.join(one, 'node_modules', '.bin', 'pm2'));
  const found = own.find(exists);
  return found ? [found] : ['npx', '--no-install', 'pm2'];
}

// Banners precede the list and may begin with a bracket, too, so the last line that is a JSON array is the list.
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

// When a process began, for comparison with times of files; the earlier moment if the clock was set since.
function beganAt(pid, reported) {
  const counted = now() - ageOfProcess(pid);
  return ageOfProcess(pid) && Math.abs(counted - reported) > 1
    ? Math.min(counted, reported || counted)
    : reported;
}

// A worker as this tool uses it; a missing or malformed field gets a neutral value.
function summary(entry) {
  const env = entry.pm2_env || {};
  const monit = entry.monit || {};
  const pid = Number.isInteger(entry.pid) ? numberOf(entry.pid) : 0;
  return {
    id: entry.pm_id,
    name: textOf(entry.name),
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

// The first line of PM2's output for an error message: uncut, as the rest of a cut secret would not be redacted, and
// not from the list, which holds the variables of all apps.
const firstWords = (output) =>
  textLines(output)
    .map(trimmed)
    .find((line) => !/^\[?\{/.test(line)) || 'it said nothing';

// Asks the daemon, or the pm2 command if the daemon's protocol is unknown.
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

// PM2's entries of these apps, including all variables of their environments; null if no daemon runs.
async function listEntries(names = [params.app]) {
  const pid = pm2Daemon();
  return pid ? (await listAll(pid)).filter((entry) => entry && names.includes(entry.name)) : null;
}

async function listApp() {
  const entries = await listEntries();
  return { daemon: entries !== null, workers: (entries || []).map(summary) };
}

// The processes of a version: the workers of the app, and those of each other app of its entry.
async function listVersion(entry) {
  const apps = appsOf(entry).filter(({ name }) => name !== params.app);
  const entries = await listEntries([params.app, ...apps.map(({ name }) => name)]);
  const all = (entries || []).map(summary);
  const workersOf = (name) => all.filter((worker) => worker.name === name);
  const others = apps.map((app) => ({
    name: app.name,
    rests: mayRest(app),
    workers: workersOf(app.name),
  }));
  return { daemon: entries !== null, workers: workersOf(params.app), others };
}

const heldBy = (entry) => (entry.pm2_env || {}).env || {};

const pm2In = (cwd, ...args) =>
  runAsync([...findPm2(), ...args], {
    cwd,
    env: cleanEnv({ PM2_DISCRETE_MODE: 'true' }),
    timeout: 120,
  });
const pm2 = (...args) => pm2In(project, ...args);

// A worker of the same name in another directory belongs to another app, which must not be changed.
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
  if (foreign)
    throw refuse('pm2-app-elsewhere', { name: foreign.name || params.app, cwd: foreign.cwd });
  return workers;
}

module.exports = {
  findPm2,
  foreignWorker,
  heldBy,
  listAll,
  listApp,
  listEntries,
  listVersion,
  ownWorkers,
  pm2,
  pm2In,
  summary,
};
