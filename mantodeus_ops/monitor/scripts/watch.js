// Samples the app every second: its health, resources, and new errors in its log.
'use strict';
const path = require('path');
const { crashesOf } = require('../../pm2/scripts/crashes');
const { check } = require('../../health/scripts/health');
const { isAsked } = require('../../health/scripts/health_answer');
const { markOf, writtenSince } = require('../../pm2/scripts/log_positions');
const { steadyBeside, workersBeside } = require('../../pm2/scripts/other_apps');
const { listLive } = require('../../pm2/scripts/live_apps');
const { whyNone } = require('../../remote/scripts/errors');
const { readText, sizeNow } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { reply } = require('../../remote/scripts/reply');
const { monotonic, now, sleep } = require('../../remote/scripts/time');
const { textLines } = require('../../text/whitespace');
const { tailSince } = require('../../transaction/scripts/failure_report');

const EVERY = 1; // seconds
const MOST_ERRORS = 20; // lines per sample; an app that writes a thousand a second repeats itself
const places = new Map();

function freshErrors(workers) {
  const lines = [];
  for (const file of new Set(workers.map((worker) => worker.err_log).filter(Boolean))) {
    const size = sizeNow(file);
    const from = places.has(file) ? writtenSince(file, places.get(file)) : size;
    const text = tailSince(file, from);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    places.set(file, markOf(file, size - Buffer.byteLength(text) + Buffer.byteLength(whole)));
    lines.push(...textLines(whole));
  }
  return lines.slice(-MOST_ERRORS);
}

// The sample of an app that cannot be inspected.
const unknownSample = (why) => ({
  healthy: false,
  ...why,
  errors: [],
  memory: 0,
  cpu: 0,
  restarts: 0,
  latency: 0,
  crashes: 0,
});

async function sample() {
  const { daemon, workers, others } = await listLive();
  if (!daemon) return unknownSample({ reason: 'the PM2 daemon is not running' });
  const { healthy, reason, answer } = await check(workers, others);
  const sum = (key) => workers.reduce((all, worker) => all + worker[key], 0);
  return {
    healthy,
    reason: reason || (isAsked() ? '' : 'not asked'),
    latency: answer ? answer.seconds : 0,
    memory: sum('memory'),
    cpu: sum('cpu'),
    restarts: sum('restarts'),
    errors: freshErrors([...workers, ...workersBeside(others)]),
    crashes: crashesOf([...workers, ...steadyBeside(others)]).recent.length,
  };
}

async function main() {
  reply({ env: readText(path.join(project, params.env_file)) });
  const end = monotonic() + params.seconds;
  while (monotonic() < end) {
    const began = monotonic();
    const taken = await sample().catch((error) => unknownSample(whyNone(error, 'reason')));
    reply({ sample: { ...taken, at: now(), left: Math.max(0, end - monotonic()) } });
    await sleep(Math.max(0.1, EVERY - (monotonic() - began)));
  }
  return { exit: 0 };
}

module.exports = { main };
