// Identifies processes by pid and start time, which together are unique within a boot.
'use strict';
const fs = require('fs');
const path = require('path');
const { fieldsOf, trimmed } = require('../../text/whitespace');
const { exists, readText } = require('./files');
const { inDeploy } = require('./params');
const { stateText } = require('./state_file');

const bootId = () => trimmed(readText('/proc/sys/kernel/random/boot_id'));

function startedAt(pid) {
  const stat = readText(`/proc/${pid}/stat`, '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat && fields[0] !== 'Z' ? fields[19] : ''; // a zombie counts as dead
}

const TICKS = 100; // per second: the unit of start times in /proc

// Seconds since boot. In a container, /proc/uptime may count from its start, but start times from the machine's boot.
function bootSeconds() {
  const uptime = Number(readText('/proc/uptime').split(' ')[0]) || 0;
  return Math.max(uptime, Number(startedAt(process.pid)) / TICKS + process.uptime());
}

// Seconds since a process began, independent of the clock; 0 if it has ended.
function ageOfProcess(pid) {
  const started = pid ? startedAt(pid) : '';
  return started ? Math.max(0, bootSeconds() - Number(started) / TICKS) : 0;
}

function isAlive(pid, started) {
  if (!pid) return false;
  const seen = startedAt(pid);
  return Boolean(seen) && (started === undefined || String(started) === seen);
}

// Removes temporary files of killed processes.
function sweepTemporary(directory) {
  for (const name of exists(directory) ? fs.readdirSync(directory) : []) {
    const writer = name.match(/\.(\d+)\.tmp$/);
    if (writer && !isAlive(Number(writer[1])))
      fs.rmSync(path.join(directory, name), { force: true });
  }
}

function readJobs() {
  let names = [];
  try {
    names = fs.readdirSync(inDeploy('jobs'));
  } catch {
    return [];
  }
  return names.sort().map((id) => {
    const [pid, started] = fieldsOf(stateText(inDeploy('jobs', id, 'pid')));
    const ended = exists(inDeploy('jobs', id, 'rc'));
    return {
      id,
      pid: Number(pid) || 0,
      started,
      ended,
      alive: !ended && isAlive(Number(pid), started),
    };
  });
}

function isOurs(pid) {
  try {
    return fs.statSync(`/proc/${pid}`).uid === process.getuid();
  } catch {
    return false; // it has ended
  }
}

const everyPid = () =>
  fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

// Whether a process of this account has its working directory in this directory or below.
function worksIn(pid, directory) {
  try {
    const there = fs.readlinkSync(`/proc/${pid}/cwd`);
    return there === directory || there.startsWith(`${directory}/`);
  } catch {
    return false;
  }
}

const liveJobs = () => readJobs().filter((job) => job.alive);

module.exports = {
  ageOfProcess,
  bootId,
  bootSeconds,
  everyPid,
  isAlive,
  isOurs,
  liveJobs,
  readJobs,
  startedAt,
  sweepTemporary,
  worksIn,
};
