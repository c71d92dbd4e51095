// A temporary PM2 home for the install, build, boot test and hooks in the stage, so that they do not reach the account's
// PM2. It is deleted with the job.
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

// The path is short, as the path of a socket in it is limited to 107 bytes. The link to it is created first, so that a
// killed job leaves no unknown directory.
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
    return []; // it cannot be read
  }
}

// Whether the process is the PM2 daemon of this home or an app that it started: both have the home in their environment.
function isOfHome(pid, home, daemon) {
  const variables = wordsOf(pid, 'environ');
  if (!variables.includes(`PM2_HOME=${home}`) || pid === process.pid) return false;
  return (
    pid === daemon ||
    variables.some((pair) => pair.startsWith('pm_id=')) ||
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
        // it has exited meanwhile
      }
    }
    await sleep(0.05);
  }
  removeTree(home);
}

// Whether the directory belongs to this account; the name may be in use by another one by now.
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

// Removes the homes of killed jobs.
async function endEveryAside() {
  for (const { id, alive } of readJobs()) if (!alive && id !== params.job) await endAside(id);
}

module.exports = { asideEnv, endAside, endEveryAside };
