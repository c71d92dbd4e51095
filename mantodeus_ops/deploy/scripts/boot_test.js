// The boot test: starts the staged build beside the live app on another port; it must answer the health check.
'use strict';
const { spawn } = require('child_process');
const { bootEntry } = require('../../pm2/scripts/ecosystem');
const { UP_SECONDS, span } = require('../../health/scripts/health');
const { askApp, isRight, reasonOf } = require('../../health/scripts/health_answer');
const { isRefusal, repaired } = require('../../health/scripts/health_elsewhere');
const { daemonProgram } = require('../../pm2/scripts/pm2_daemon');
const { family } = require('../../health/scripts/socket_owner');
const { mask } = require('../../redaction/scripts/app_secrets');
const { Filter } = require('../../redaction/scripts/output_filter');
const { cleanEnv } = require('../../remote/scripts/commands');
const { endOf, refuse } = require('../../remote/scripts/errors');
const { print } = require('../../remote/scripts/job_log');
const { params } = require('../../remote/scripts/params');
const { isAlive } = require('../../remote/scripts/process');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { bootAddress } = require('./boot_address');
const { asideEnv, endAside } = require('./isolated_pm2');

const TERMINATED = 143; // exit code of a program that a signal ended

// Apps of a cluster run in the node of PM2's daemon, whatever node is on PATH.
function command({ argv, mode }) {
  const daemon = mode === 'cluster' && argv[0] === 'node' ? daemonProgram() : '';
  return daemon ? [daemon, ...argv.slice(1)] : argv;
}

async function end(child) {
  for (const signal of ['SIGINT', 'SIGKILL']) {
    const pids = family([child.pid]).filter((pid) => isAlive(pid));
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // it has exited meanwhile
      }
    }
    for (let tries = 0; tries < 20 && pids.some((pid) => isAlive(pid)); tries++) await sleep(0.1);
  }
}

function start(entry, env) {
  const argv = command(entry);
  const child = spawn(argv[0], argv.slice(1), {
    cwd: entry.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // as PM2: an app says by it that it is ready
  });
  const seen = { child, ended: '', said: '', filters: [] };
  seen.filters = [child.stdout, child.stderr].map((source) => {
    source.on('data', (chunk) => (seen.said = (seen.said + chunk).slice(-20000)));
    return new Filter(source);
  });
  child.on('error', (error) => (seen.ended = error.message));
  child.on(
    'exit',
    (code, signal) => (seen.ended = `it ended with ${signal || `exit code ${code}`}`),
  );
  return seen;
}

// Its last answer; of an app without HTTP, whether it stayed up.
async function lastAnswer(seen, url) {
  const began = monotonic();
  const upFor = Math.max(params.health.wait, UP_SECONDS);
  let answer;
  while (!seen.ended && monotonic() - began < (url ? span(params.health) : upFor)) {
    answer = url && (await askApp(url));
    if (url && isRight(answer)) return answer;
    await sleep(0.1);
  }
  return answer;
}

async function boot() {
  const entry = bootEntry();
  const aside = asideEnv(cleanEnv(entry.env));
  const { url, sets } = await bootAddress(entry.env || {}, aside.PM2_HOME);
  const given = Object.entries(sets).map(([name, value]) => `${name}=${value}`);
  print(mask(`$ ${given.join(' ')} ${command(entry).join(' ')}`));
  const seen = start(entry, { ...aside, ...sets });
  const answer = await lastAnswer(seen, url);
  const dead = seen.ended;
  const right = !dead && isMisasked(url, answer) ? await repaired(url, null) : null;
  await end(seen.child);
  await Promise.all(seen.filters.map((filter) => filter.ended()));
  if (!dead && (!url || isRight(answer))) return 0;
  throw failure({ dead, answer, right, said: seen.said });
}

const isMisasked = (url, answer) =>
  Boolean(answer) && isRefusal(answer) && !url.startsWith('unix:');

function failure({ dead, answer, right, said: whole }) {
  const [why, said] = [mask(dead || reasonOf(answer)), endOf(mask(whole))];
  const { path = '', forwarded = false } = right || {};
  if (/EADDRINUSE/.test(whole)) return refuse('boot-port-not-taken', { why, said });
  if (forwarded) return refuse('boot-not-forwarded', { why });
  if (path) return refuse('boot-asked-wrongly', { why, path });
  const isSlow = !dead && (!answer || !answer.status || answer.status >= 500);
  const seconds = Math.round(span(params.health));
  if (isSlow && said) return refuse('boot-slow', { why, said, seconds });
  if (isSlow) return refuse('boot-silent', { why, seconds });
  return said ? refuse('boot-failed', { why, said }) : refuse('boot-unhealthy', { why });
}

// What cannot be ended here is ended by a later run.
const endAll = () => endAside().catch(() => {});

function stopped() {
  return new Promise((stop) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => stop(TERMINATED));
  });
}

async function main() {
  try {
    return { exit: await Promise.race([stopped(), boot()]) };
  } finally {
    await endAll();
  }
}

module.exports = { main };
