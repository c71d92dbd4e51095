// Whether processes run, and have not just crashed.
'use strict';
const { exists } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { ageOfProcess, isAlive } = require('../../remote/scripts/process');
const { crashesOf, daemonLog, howEnded } = require('./crashes');
const { foreignWorker } = require('./pm2');

const STEADY_SECONDS = 20; // longer than a health check waits
const LONGEST_STEADY = 120;

// The reason why an app is not up; empty if it is.
function standing(workers, name = params.app) {
  if (workers.length === 0) return `PM2 knows no app named ${name}`;
  const down = workers.find((worker) => worker.status !== 'online' || !isAlive(worker.pid));
  if (down)
    return `PM2 says ${down.status}, process ${down.pid || 'none'}${!down.pid || isAlive(down.pid) ? '' : ' is gone'}`;
  const foreign = foreignWorker(workers);
  return foreign
    ? `PM2's app ${name} (process ${foreign.pid}) runs in ${foreign.cwd}, not in ${project}`
    : '';
}

// A worker that was restarted after a crash may crash again: it is trusted once it has run longer than it did before.
function unsteady(workers) {
  const { recent, fell } = crashesOf(workers);
  const often = recent.length > 1;
  const stood = (worker) => ageOfProcess(worker.pid);
  const longer = (worker) =>
    Math.min(LONGEST_STEADY, Math.max(STEADY_SECONDS, 1.5 * fell(worker).lived));
  const needs = (worker) => (often ? longer(worker) : STEADY_SECONDS);
  const back = workers.find((worker) => fell(worker) && stood(worker) < needs(worker));
  if (!back) return null;
  const times = often
    ? `, ${recent.length} times in the last ${Math.ceil(recent[0].ago / 60)} min`
    : '';
  const reason = `it ended by itself (${howEnded(fell(back))})${times}, and came back only ${Math.round(stood(back))} s ago`;
  return { settling: needs(back) - stood(back), often, reason };
}

// The most restarts after crashes of any worker, from PM2's log, as its counter includes requested restarts.
function comebacks(workers) {
  if (exists(daemonLog())) return crashesOf(workers).back;
  return Math.max(0, ...workers.map((worker) => worker.restarts));
}

// The reason to stop waiting: PM2 has given the app up, or restarts it again and again. Empty if there is none.
function lostFor(workers, before, name = params.app) {
  const lost = comebacks(workers) - before;
  const given = workers.some(
    (worker) => worker.status === 'errored' || worker.status === 'stopped',
  );
  if (given && lost <= 0) return standing(workers, name);
  const states = workers.map((worker) => worker.status).join(', ');
  return given || lost >= 3 ? `it keeps dying at start (${lost} restarts, PM2 says ${states})` : '';
}

module.exports = {
  LONGEST_STEADY,
  STEADY_SECONDS,
  comebacks,
  lostFor,
  standing,
  unsteady,
};
