// The boot test: the staged build, started beside the live app on another port, must answer.
'use strict';
const fs = require('fs');
const net = require('net');
const path = require('path');
const { spawn } = require('child_process');
const { bootEntry, staging } = require('../../app/scripts/ecosystem');
const { ask, healthUrl, isRight, reasonOf } = require('../../app/scripts/health');
const { family } = require('../../app/scripts/socket_owner');
const { mask } = require('../../redaction/scripts/app_secrets');
const { Filter } = require('../../redaction/scripts/output_filter');
const { cleanEnv } = require('../../remote/scripts/commands');
const { endOf, refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { print } = require('../../remote/scripts/job_log');
const { params } = require('../../remote/scripts/params');
const { isAlive } = require('../../remote/scripts/process');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { fieldsOf } = require('../../text/whitespace');
const { asideEnv, endAside } = require('./isolated_pm2');

const TERMINATED = 143; // exit code of a program that a signal ended

function freePort() {
  return new Promise((done, failed) => {
    const server = net.createServer().on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

function command(entry) {
  const list = (value) => (Array.isArray(value) ? value : value ? fieldsOf(String(value)) : []);
  const script = path.resolve(staging, entry.script);
  const byNode = !entry.interpreter || entry.interpreter === 'node';
  const runner = byNode
    ? /\.([cm]?js|ts)$/.test(script) || !isProgram(script)
      ? ['node']
      : []
    : entry.interpreter === 'none'
      ? []
      : [entry.interpreter];
  return [
    ...runner,
    ...list(entry.node_args || entry.interpreter_args),
    runner.length ? script : entry.script,
    ...list(entry.args),
  ];
}

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return !exists(file);
  }
}

async function end(child) {
  for (const signal of ['SIGINT', 'SIGKILL']) {
    const pids = family([child.pid]).filter((pid) => isAlive(pid));
    for (const pid of pids) {
      try {
        process.kill(pid, signal);
      } catch {
        // it went by itself
      }
    }
    for (let tries = 0; tries < 20 && pids.some((pid) => isAlive(pid)); tries++) await sleep(0.1);
  }
}

async function boot() {
  const port = await freePort();
  const entry = bootEntry();
  const argv = command(entry);
  print(mask(`$ PORT=${port} ${argv.join(' ')}`));
  const child = spawn(argv[0], argv.slice(1), {
    cwd: entry.cwd || staging,
    env: asideEnv(cleanEnv({ ...entry.env, PORT: String(port) })),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const filters = [child.stdout, child.stderr].map((source) => {
    source.on('data', (chunk) => (said = (said + chunk).slice(-20000)));
    return new Filter(source);
  });
  let ended = '';
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended = `it ended with ${signal || `exit code ${code}`}`));
  const url = new URL(healthUrl());
  url.port = String(port);
  const deadline = monotonic() + params.health.wait + params.health.retries * params.health.delay;
  let answer;
  while (!ended && monotonic() < deadline) {
    answer = await ask(url.href);
    if (isRight(answer)) break;
    await sleep(0.1);
  }
  const dead = ended;
  await end(child);
  await Promise.all(filters.map((filter) => filter.ended()));
  if (!dead && isRight(answer)) return 0;
  const facts = { why: mask(dead || reasonOf(answer)), said: endOf(mask(said)) };
  throw refuse(
    /EADDRINUSE/.test(said) ? 'boot-port-not-taken' : said ? 'boot-failed' : 'boot-unhealthy',
    facts,
  );
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
