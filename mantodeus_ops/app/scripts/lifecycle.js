// Starts, reloads and stops the app under PM2, and verifies that PM2 did it.
'use strict';
const fs = require('fs');
const path = require('path');
const { assignments } = require('../../dotenv/parse');
const { envPairs, mask } = require('../../redaction/scripts/app_secrets');
const { commandFailed, explain } = require('../../remote/scripts/errors');
const { exists, readText } = require('../../remote/scripts/files');
const { withReserve } = require('../../remote/scripts/limits');
const { deployDir, params, project } = require('../../remote/scripts/params');
const { everyPid, isAlive, isOurs, sweepTemporary } = require('../../remote/scripts/process');
const { writeWhole } = require('../../remote/scripts/state_file');
const { monotonic, now, sleep } = require('../../remote/scripts/time');
const { logMarks } = require('../../transaction/scripts/failure_report');
const { savedName } = require('../../transaction/scripts/swap');
const { beganFile, daemonLog } = require('./crashes');
const { markOf } = require('./log_positions');
const { heldBy, listAll, listApp, listEntries, ownWorkers, pm2, pm2In, summary } = require('./pm2');
const { callDaemon, pm2Daemon, pm2Home } = require('./pm2_daemon');

async function demand(done, doing) {
  const { code, stdout, stderr } = await done;
  if (code !== 0) throw commandFailed(doing, code, mask(stderr || stdout || ''));
}

// The reason why a reload is not enough; empty if it is.
function staleness(entry, runningDigest, entries) {
  if (!entry.digest || entry.digest !== runningDigest) return 'changed';
  if (!entries.every((running) => (running.pm2_env || {}).status === 'online'))
    return 'is not running';
  const held = shadowing(entry, entries);
  return held.length ? `holds ${held.join(', ')}, which .env is to say` : '';
}

// The variables that PM2 holds and .env also sets. dotenv replaces no variable, and a reload keeps PM2's, so they would
// override .env permanently.
function shadowing(entry, entries) {
  const own = new Set(
    entry.sets || Object.keys(((entry.generated || { apps: [{}] }).apps[0] || {}).env || {}),
  );
  const before = savedName(params.run, params.env_place || params.env_file);
  const inEnv = new Set(
    [...envPairs(), ...(exists(before) ? assignments(readText(before)) : [])].map(([name]) => name),
  );
  return [...new Set(entries.flatMap((running) => Object.keys(heldBy(running))))].filter(
    (name) => inEnv.has(name) && !own.has(name),
  );
}

const RELOAD_SECONDS = 120; // enough for workers that take their time to exit
const BELIEVED_SECONDS = 30; // how long the pm2 command trusts the lock of a killed reload

// The PM2 home that a process uses, as an account may have several.
function pm2Of(pid) {
  const pairs = readText(`/proc/${pid}/environ`).split('\0');
  const value = (name) =>
    (pairs.find((pair) => pair.startsWith(`${name}=`)) || '').slice(name.length + 1);
  return value('PM2_HOME') || path.join(value('HOME'), '.pm2');
}

// Whether the process is a running `pm2 reload`; a killed one leaves only its lock file.
function reloading(pid) {
  if (!isOurs(pid)) return false;
  const words = readText(`/proc/${pid}/cmdline`).split('\0');
  return (
    words.includes('reload') &&
    words.some((word) => path.basename(word) === 'pm2') &&
    isAlive(pid) &&
    pm2Of(pid) === pm2Home()
  );
}

function othersReload() {
  const since = Number(readText(path.join(pm2Home(), 'reload.lock'))) / 1000;
  return now() - since < BELIEVED_SECONDS && everyPid().some(reloading);
}

// Has the daemon reload the workers, two at a time if there are many, as the pm2 command does. Returns whether it did.
async function reloadedByDaemon(ids) {
  const left = [...ids];
  const lane = async () => {
    while (left.length) {
      const { args, error } = await callDaemon(
        'reloadProcessId',
        { id: left.shift(), env: {} },
        RELOAD_SECONDS,
      );
      if (!args) throw new Error(error);
    }
  };
  try {
    await Promise.all(ids.length > 2 ? [lane(), lane()] : [lane()]);
    return true;
  } catch {
    return false;
  }
}

// Reloads through the daemon, because the pm2 command takes half a second to start; that command is the fallback. It
// allows one reload at a time, of any app.
async function reloaded(workers) {
  if (!othersReload() && (await reloadedByDaemon(workers.map(({ id }) => id)))) return { code: 0 };
  let forced = [];
  for (const until = monotonic() + 60; ; await sleep(0.5)) {
    const done = await pm2('reload', params.app, ...forced);
    if (
      done.code === 0 ||
      monotonic() > until ||
      !`${done.stdout}${done.stderr}`.includes('already in progress')
    )
      return done;
    forced = everyPid().some(reloading) ? [] : ['--force'];
  }
}

// Records where the logs end before the app is started or stopped, so that only later lines count for this start.
function noteBegin(workers, entry, say) {
  try {
    const begin = { at: now(), daemon: markOf(daemonLog()), ...logMarks(workers, entry) };
    fs.mkdirSync(deployDir, { recursive: true, mode: 0o700 });
    withReserve(() => writeWhole(beganFile, JSON.stringify(begin)));
  } catch (error) {
    say(`where the logs end could not be recorded: ${explain(error).error}`);
  }
}

// Reloads the app, or deletes and starts it: a reload keeps PM2's script, instances and variables, even if they changed.
async function restartApp(entry, runningDigest, say) {
  const entries = (await listEntries()) || [];
  const workers = ownWorkers(entries.map(summary));
  const why = staleness(entry, runningDigest, entries);
  noteBegin(workers, entry, say);
  if (workers.length > 0 && !why) return demand(reloaded(workers), 'pm2 reload');
  if (workers.length > 0) {
    say(`PM2's entry for ${params.app} ${why}: starting it anew`);
    await demand(pm2('delete', params.app), 'pm2 delete');
  }
  // PM2 takes relative paths of an entry from where it is called.
  const file = path.resolve(project, entry.file);
  const cwd = path.join(project, entry.root || '.');
  const env = entry.env ? ['--env', entry.env] : [];
  return demand(pm2In(cwd, 'start', file, '--only', params.app, ...env), 'pm2 start');
}

// `how` is `stop`, which keeps PM2's entry, or `delete`, which removes it.
async function endApp(how) {
  const { workers } = await listApp();
  ownWorkers(workers);
  if (workers.length > 0) await demand(pm2(how, params.app), `pm2 ${how}`);
}

// Writes what `pm2 save` writes, but atomically and private: `pm2 save` writes in place, by default readable for all.
function writeDump(list) {
  const file = path.join(pm2Home(), 'dump.pm2');
  const kept = list.map((entry) => entry.pm2_env).filter((env) => env && !env.pmx_module);
  const dump = kept.map(({ instances, pm_id, prev_restart_delay, ...env }) => env);
  sweepTemporary(pm2Home());
  if (exists(file)) writeWhole(`${file}.bak`, readText(file));
  writeWhole(file, JSON.stringify(dump, null, 2));
}

// Saves the list of apps that PM2 starts at reboot; called only for a healthy state. Returns the reason of a failure.
async function saveDump() {
  try {
    writeDump(await listAll(pm2Daemon()));
    return '';
  } catch (error) {
    return `what PM2 starts again at reboot could not be saved: ${error.message}`;
  }
}

// What a person may have told PM2 beside the script, its words and its variables.
const STARTED_WITH = [
  'namespace',
  'autorestart',
  'cron_restart',
  'stop_exit_codes',
  'max_memory_restart',
  'max_restarts',
  'min_uptime',
  'restart_delay',
  'exp_backoff_restart_delay',
  'kill_timeout',
  'listen_timeout',
  'wait_ready',
  'instance_var',
  'log_date_format',
];
const isGiven = (value) =>
  ![undefined, null, ''].includes(value) && !(Array.isArray(value) && value.length === 0);

// The PM2 entry of an app that was started by other means, so that a revert can restore it.
async function takenOver() {
  const pid = pm2Daemon();
  if (!pid) return null;
  const mine = (await listAll(pid)).filter((entry) => entry.name === params.app);
  if (mine.length === 0) return null;
  const env = mine[0].pm2_env;
  const own = new Set(envPairs().map(([name]) => name)); // left out: they come from .env, and would override it
  const kept = Object.fromEntries(Object.entries(env.env || {}).filter(([name]) => !own.has(name)));
  const entry = {
    name: params.app,
    script: env.pm_exec_path,
    cwd: env.pm_cwd,
    exec_mode: env.exec_mode,
    env: kept,
  };
  for (const [from, to] of [
    ['args', 'args'],
    ['node_args', 'node_args'],
    ['exec_interpreter', 'interpreter'],
    ...STARTED_WITH.map((name) => [name, name]),
  ]) {
    if (isGiven(env[from])) entry[to] = env[from];
  }
  if (env.exec_mode === 'cluster_mode') entry.instances = mine.length;
  return { apps: [entry] };
}

module.exports = { demand, endApp, restartApp, saveDump, takenOver };
