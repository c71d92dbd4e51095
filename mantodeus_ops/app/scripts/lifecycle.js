// Starts, reloads and stops the app under PM2 so that what was asked for really runs.
'use strict';
const fs = require('fs');
const path = require('path');
const { assignments } = require('../../dotenv/parse');
const { envPairs, mask } = require('../../redaction/scripts/app_secrets');
const { commandFailed, explain } = require('../../remote/scripts/errors');
const { exists, readText } = require('../../remote/scripts/files');
const { withReserve } = require('../../remote/scripts/limits');
const { deployDir, params } = require('../../remote/scripts/params');
const { everyPid, isAlive, isOurs, sweepTemporary } = require('../../remote/scripts/process');
const { writeWhole } = require('../../remote/scripts/state_file');
const { monotonic, now, sleep } = require('../../remote/scripts/time');
const { logMarks } = require('../../transaction/scripts/failure_report');
const { savedName } = require('../../transaction/scripts/swap');
const { beganFile, daemonLog } = require('./crashes');
const { markOf } = require('./log_positions');
const { heldBy, listAll, listApp, listEntries, ownWorkers, pm2, summary } = require('./pm2');
const { callDaemon, pm2Daemon, pm2Home } = require('./pm2_daemon');

async function demand(done, doing) {
  const { code, stdout, stderr } = await done;
  if (code !== 0) throw commandFailed(doing, code, mask(stderr || stdout || ''));
}

// Why a reload would not do; empty where it does.
function staleness(entry, runningDigest, entries) {
  if (!entry.digest || entry.digest !== runningDigest) return 'changed';
  if (!entries.every((one) => (one.pm2_env || {}).status === 'online')) return 'is not running';
  const held = shadowing(entry, entries);
  return held.length ? `holds ${held.join(', ')}, which .env is to say` : '';
}

// What PM2 once took from a shell wins over .env for ever: dotenv replaces nothing, and no reload takes it away.
function shadowing(entry, entries) {
  const own = new Set(
    entry.sets || Object.keys(((entry.generated || { apps: [{}] }).apps[0] || {}).env || {}),
  );
  const before = savedName(params.run, params.env_place || params.env_file);
  const said = new Set(
    [...envPairs(), ...(exists(before) ? assignments(readText(before)) : [])].map(([name]) => name),
  );
  return [...new Set(entries.flatMap((one) => Object.keys(heldBy(one))))].filter(
    (name) => said.has(name) && !own.has(name),
  );
}

const RELOAD_SECONDS = 120; // a worker may be given its time to end
const BELIEVED_SECONDS = 30; // for so long PM2's own program believes in a reload that was killed

// Of an account that has several, which PM2 a process works with.
function pm2Of(pid) {
  const said = readText(`/proc/${pid}/environ`).split('\0');
  const value = (name) =>
    (said.find((one) => one.startsWith(`${name}=`)) || '').slice(name.length + 1);
  return value('PM2_HOME') || path.join(value('HOME'), '.pm2');
}

// A reload that goes on is a process; one that was killed has left only its word for it.
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

// The daemon reloads one worker after the other, of many two at a time, as PM2's own program has it do; whether it did.
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

// PM2's own program takes half a second to start. It lets one reload run at a time, whatever the app.
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

// Written before the app is started or ended: its logs, and what PM2 tells of it, count from here on.
function noteBegin(workers, entry, say) {
  try {
    const told = { at: now(), daemon: markOf(daemonLog()), ...logMarks(workers, entry) };
    fs.mkdirSync(deployDir, { recursive: true, mode: 0o700 });
    withReserve(() => writeWhole(beganFile, JSON.stringify(told)));
  } catch (error) {
    say(`where the logs end could not be written down: ${explain(error).error}`);
  }
}

// A reload keeps what PM2 once took: script, instances, variables. Where those differ, only a fresh start tells PM2.
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
  const env = entry.env ? ['--env', entry.env] : [];
  return demand(pm2('start', entry.file, '--only', params.app, ...env), 'pm2 start');
}

// `stop` keeps PM2's entry, `delete` forgets it.
async function endApp(how) {
  const { workers } = await listApp();
  ownWorkers(workers);
  if (workers.length > 0) await demand(pm2(how, params.app), `pm2 ${how}`);
}

// As `pm2 save` has it, which writes in place, and with a mode that lets every account read it unless it is set otherwise.
function writeDump(list) {
  const file = path.join(pm2Home(), 'dump.pm2');
  const kept = list.map((entry) => entry.pm2_env).filter((env) => env && !env.pmx_module);
  const told = kept.map(({ instances, pm_id, prev_restart_delay, ...env }) => env);
  sweepTemporary(pm2Home());
  if (exists(file)) writeWhole(`${file}.bak`, readText(file));
  writeWhole(file, JSON.stringify(told, null, 2));
}

// What PM2 starts again at reboot: only ever a state that was seen healthy, and readable by this account alone. Why not; empty where it is kept.
async function saveDump() {
  try {
    writeDump(await listAll(pm2Daemon()));
    return '';
  } catch (error) {
    return `what PM2 starts again at reboot could not be saved: ${error.message}`;
  }
}

// The entry of an app that was once started by other means, so that it can be put back.
async function takenOver() {
  const pid = pm2Daemon();
  if (!pid) return null;
  const mine = (await listAll(pid)).filter((entry) => entry.name === params.app);
  if (mine.length === 0) return null;
  const env = mine[0].pm2_env;
  const own = new Set(envPairs().map(([name]) => name)); // these come from .env again, and would shadow it
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
  ]) {
    if (env[from] && env[from].length) entry[to] = env[from];
  }
  if (env.exec_mode === 'cluster_mode') entry.instances = mine.length;
  return { apps: [entry] };
}

module.exports = { demand, endApp, restartApp, saveDump, takenOver };
