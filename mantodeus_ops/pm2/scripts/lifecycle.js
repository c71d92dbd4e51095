// Starts, reloads and stops the app under PM2, and verifies that PM2 did it.
'use strict';
const fs = require('fs');
const path = require('path');
const { mask } = require('../../redaction/scripts/app_secrets');
const { commandFailed, explain } = require('../../remote/scripts/errors');
const { exists, readText } = require('../../remote/scripts/files');
const { withReserve } = require('../../remote/scripts/limits');
const { deployDir, params } = require('../../remote/scripts/params');
const { everyPid, isAlive, isOurs, sweepTemporary } = require('../../remote/scripts/process');
const { writeWhole } = require('../../remote/scripts/state_file');
const { monotonic, now, sleep } = require('../../remote/scripts/time');
const { logMarks } = require('../../transaction/scripts/failure_report');
const { beganFile, daemonLog } = require('./crashes');
const { markOf } = require('./log_positions');
const { listAll, listEntries, ownWorkers, pm2, summary } = require('./pm2');
const { callDaemon, pm2Daemon, pm2Home } = require('./pm2_daemon');

async function demand(done, doing) {
  const { code, stdout, stderr } = await done;
  if (code !== 0) throw commandFailed(doing, code, mask(stderr || stdout || ''));
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
async function reloaded(workers, name = params.app) {
  if (!othersReload() && (await reloadedByDaemon(workers.map(({ id }) => id)))) return { code: 0 };
  let forced = [];
  for (const until = monotonic() + 60; ; await sleep(0.5)) {
    const done = await pm2('reload', name, ...forced);
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

// `how` is `stop`, which keeps PM2's entries, or `delete`, which removes them. By id, as a name may be a keyword of PM2.
async function endApp(how, names = [params.app]) {
  const workers = ownWorkers(((await listEntries(names)) || []).map(summary));
  const ids = workers.map(({ id }) => String(id));
  if (ids.length > 0) await demand(pm2(how, ...ids), `pm2 ${how}`);
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

module.exports = { demand, endApp, noteBegin, reloaded, saveDump };
