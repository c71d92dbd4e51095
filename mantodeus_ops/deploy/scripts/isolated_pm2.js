// What is tried aside has a PM2 home that goes with the run: none of it may reach the account's.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { exists, readText, removeTree } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { everyPid, isAlive, isOurs, readJobs } = require('../../remote/scripts/process');
const { sleep } = require('../../remote/scripts/time');
const { trimmed } = require('../../text/whitespace');

const asideLink = (job) => inDeploy('jobs', job, 'pm2');
const speaksToPm2 = (name) => name.includes('PM2_') || name.startsWith('pm_');

// A short name, as that of a socket in it has at most 107 bytes. It is written down before it is made.
function asideHome() {
  const link = asideLink(params.job);
  if (exists(link)) return fs.readlinkSync(link);
  const home = `/tmp/ops-pm2-${crypto.randomBytes(6).toString('hex')}`;
  fs.symlinkSync(home, link);
  fs.mkdirSync(home, { mode: 0o700 });
  return home;
}

function asideEnv(env) {
  const other = Object.entries(env).filter(([name]) => !speaksToPm2(name));
  return { ...Object.fromEntries(other), PM2_HOME: asideHome() };
}

function wordsOf(pid, file) {
  try {
    return isOurs(pid) ? readText(`/proc/${pid}/${file}`).split('\0') : [];
  } catch {
    return []; // it cannot be looked at
  }
}

// PM2's daemon of this home, and the apps that it started: each has the home in its environment.
function isOfHome(pid, home, daemon) {
  const variables = wordsOf(pid, 'environ');
  if (!variables.includes(`PM2_HOME=${home}`) || pid === process.pid) return false;
  return (
    pid === daemon ||
    variables.some((one) => one.startsWith('pm_id=')) ||
    /PM2|Daemon\.js/.test(wordsOf(pid, 'cmdline').join(' '))
  );
}

function pidsOfHome(home) {
  const daemon = Number(trimmed(readText(path.join(home, 'pm2.pid')))) || 0;
  return everyPid().filter((pid) => isOfHome(pid, home, daemon) && isAlive(pid));
}

async function endHome(home) {
  for (let tries = 0, pids; tries < 40 && (pids = pidsOfHome(home)).length; tries++) {
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it went by itself
      }
    }
    await sleep(0.05);
  }
  removeTree(home);
}

// The name may have been given to another directory meanwhile.
function isOwn(home) {
  const stat = fs.lstatSync(home, { throwIfNoEntry: false });
  return Boolean(stat) && stat.isDirectory() && stat.uid === process.getuid();
}

async function endAside(job = params.job) {
  const link = asideLink(job);
  if (!exists(link)) return;
  const home = fs.readlinkSync(link);
  if (/^\/tmp\/ops-pm2-\w+$/.test(home) && isOwn(home)) await endHome(home);
  fs.rmSync(link, { force: true });
}

// Of jobs that were killed before they could.
async function endEveryAside() {
  for (const { id, alive } of readJobs()) if (!alive && id !== params.job) await endAside(id);
}

module.exports = { asideEnv, endAside, endEveryAside };
