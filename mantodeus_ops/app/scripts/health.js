// The health check: the right answer from each process that PM2 runs now, none of which has just crashed. An app without
// HTTP only must not have crashed.
'use strict';
const { exists } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { ageOfProcess, isAlive } = require('../../remote/scripts/process');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { crashesOf, daemonLog, howEnded } = require('./crashes');
const { askApp, healthUrl, isAsked, isRight, reasonOf } = require('./health_answer');
const { ANSWER_SECONDS } = require('./http_probe');
const { foreignWorker, ownWorkers } = require('./pm2');
const { family, pathsOf, portsOf } = require('./socket_owner');

const STEADY_SECONDS = 20; // longer than a health check waits
const LONGEST_STEADY = 120;
const UP_SECONDS = 5; // how long a new process that cannot be asked must stay up

// A young process may not listen yet.
const isSettled = (workers) => workers.every((worker) => ageOfProcess(worker.pid) > 1);

function elsewhere(workers, answer) {
  if (!answer.refused || !isSettled(workers)) return '';
  const pids = family(workers.map((worker) => worker.pid));
  const ports = portsOf(pids);
  if (ports.length)
    return `, but the app listens on port ${ports.join(', ')}: PORT and health_url disagree`;
  const places = pathsOf(pids);
  return places.length ? `, but the app listens on ${places.join(', ')}` : '';
}

function standing(workers) {
  if (workers.length === 0) return `PM2 knows no app named ${params.app}`;
  const down = workers.find((worker) => worker.status !== 'online' || !isAlive(worker.pid));
  if (down)
    return `PM2 says ${down.status}, process ${down.pid || 'none'}${!down.pid || isAlive(down.pid) ? '' : ' is gone'}`;
  const foreign = foreignWorker(workers);
  return foreign
    ? `PM2's app ${params.app} (process ${foreign.pid}) runs in ${foreign.cwd}, not in ${project}`
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

function wrong(workers, answer) {
  if (answer.stranger)
    return `${answer.stranger} answers on its port, not the one that PM2 runs (${workers.map((worker) => worker.pid).join(', ')})`;
  if (isRight(answer)) return '';
  const which = workers.length > 1 && answer.worker ? `process ${answer.worker}: ` : '';
  return which + reasonOf(answer) + elsewhere(workers, answer);
}

// A worker outside of a cluster that does not answer on this port must answer on another one.
async function aloof(workers, heard, kin, url) {
  for (const worker of workers.filter(
    (candidate) => candidate.mode !== 'cluster_mode' && !heard.has(candidate.pid),
  )) {
    const ports = portsOf(kin().get(worker.pid));
    if (ports.length === 0)
      return {
        why: `process ${worker.pid}, one of ${workers.length} of this name, listens on no port`,
      };
    const other = new URL(url);
    other.port = String(ports[0]);
    const answer = await askApp(other.href, kin);
    const why = wrong(workers, answer);
    if (why) return { why, answer };
  }
  return {};
}

// Every worker must answer. The kernel chooses which one accepts a connection, so the request is repeated.
async function askEach(workers) {
  let known;
  const kin = () =>
    (known = known || new Map(workers.map((worker) => [worker.pid, family([worker.pid])])));
  const heard = new Set();
  const url = healthUrl();
  let answer;
  for (
    let left = workers.length > 1 ? 8 * workers.length : 1;
    left > 0 && heard.size < workers.length;
    left--
  ) {
    answer = await askApp(url, kin);
    const why = wrong(workers, answer);
    if (why) return { why, answer };
    if (answer.worker) heard.add(answer.worker);
    else left = 0;
    if (workers.every((worker) => worker.mode !== 'cluster_mode')) left = 0;
  }
  const apart =
    answer.worker && !url.startsWith('unix:') ? await aloof(workers, heard, kin, url) : {};
  return { answer, ...apart };
}

/** @type {(workers: AppWorker[]) => Promise<HealthFacts>} */
async function check(workers) {
  const down = standing(workers);
  if (down) return { healthy: false, reason: down };
  const { why = '', answer = undefined } = isAsked() ? await askEach(workers) : {};
  if (why) return { healthy: false, reason: why, answer };
  /** @type {any} */
  const fell = standing(workers) || unsteady(workers);
  if (!fell) return { healthy: true, reason: '', answer };
  return {
    healthy: false,
    reason: fell.reason || fell,
    settling: fell.settling || 0,
    often: Boolean(fell.often),
    answer,
  };
}

const workersOf = (list) => list().then((seen) => seen.workers);

// How long a new process may take until it is healthy.
const span = ({ wait, retries, delay, timeout = 0 }) =>
  timeout ? Math.max(wait, timeout) : wait + retries * delay;

// How long a process must have run before its answer counts, or if it gives none.
const least = (policy) => (isAsked() ? policy.wait : Math.max(policy.wait, UP_SECONDS));

// The most restarts after crashes of any worker, from PM2's log, as its counter includes requested restarts.
function comebacks(workers) {
  if (exists(daemonLog())) return crashesOf(workers).back;
  return Math.max(0, ...workers.map((worker) => worker.restarts));
}

// The reason to stop waiting: PM2 has given the app up, or restarts it again and again. Empty if there is none.
function lostFor(workers, before) {
  const lost = comebacks(workers) - before;
  const given = workers.some(
    (worker) => worker.status === 'errored' || worker.status === 'stopped',
  );
  if (given && lost <= 0) return standing(workers);
  const states = workers.map((worker) => worker.status).join(', ');
  return given || lost >= 3 ? `it keeps dying at start (${lost} restarts, PM2 says ${states})` : '';
}

// Waits until the app is healthy and has run without a crash for a while; returns as soon as it has. Checks at least
// once. Time is measured by a monotonic clock; `patient` also waits for an app that crashed more than once.
async function waitHealthy(list, policy, { tell = (..._args) => {}, patient = false } = {}) {
  const began = monotonic();
  const deadline = began + span(policy);
  const latest =
    deadline + least(policy) + (patient ? LONGEST_STEADY : STEADY_SECONDS) + ANSWER_SECONDS;
  let workers = ownWorkers(await workersOf(list));
  const before = comebacks(workers);
  let seen;
  let since = 0;
  do {
    seen = await check(workers);
    since = seen.healthy ? since || monotonic() : 0;
    if (seen.healthy && stoodLongEnough(workers, since, policy)) return { ...seen, workers };
    if (!seen.healthy) tell(seen, monotonic() - began);
    if (isHopeless(seen, workers, policy)) return { ...seen, workers };
    if (standing(workers)) {
      await sleep(0.3);
      workers = await workersOf(list);
      const reason = lostFor(workers, before);
      if (reason) return { healthy: false, reason, workers, answer: seen.answer };
    }
    await sleep(0.1);
  } while (
    monotonic() < deadline ||
    (monotonic() < latest && (since || (seen.settling && (patient || !seen.often))))
  );
  return decided(seen, workers, policy, monotonic() - began);
}

// The result after the deadline: an app that was healthy only now and then is not healthy.
function decided(seen, workers, policy, seconds) {
  const reason = seen.healthy
    ? `it did not stand still within ${Math.round(seconds)} s`
    : seen.reason + tooShort(seen, workers, policy);
  return { ...seen, healthy: false, reason, workers };
}

// Names the inventory key that gives a slow process more time.
function tooShort({ answer }, workers, policy) {
  const isStarting =
    answer &&
    !standing(workers) &&
    (!answer.status || answer.status >= 500) &&
    workers.every((worker) => ageOfProcess(worker.pid) < 2 * span(policy) + 1);
  return isStarting ? `; it had ${Math.round(span(policy))} s (health.timeout)` : '';
}

function stoodLongEnough(workers, since, policy) {
  return (
    monotonic() - since >= 0.5 &&
    workers.every((worker) => ageOfProcess(worker.pid) >= least(policy))
  );
}

// Whether waiting is useless: a 4xx from an app that started long ago means that the request is wrong.
/** @type {(seen: HealthFacts, workers: AppWorker[], policy: HealthPolicy) => boolean} */
function isHopeless({ answer }, workers, policy) {
  const final =
    answer &&
    answer.status >= 400 &&
    answer.status < 500 &&
    ![408, 425, 429].includes(answer.status);
  return Boolean(final) && workers.every((worker) => ageOfProcess(worker.pid) > span(policy));
}

/** @type {(seen: HealthFacts) => any} */
const seenOf = ({ answer, settling, often, workers, ...seen }) => ({
  ...seen,
  asked: isAsked(),
  status: answer ? answer.status : 0,
  seconds: answer ? answer.seconds : 0,
  body: answer && answer.body ? answer.body.slice(0, 400) : '',
});

module.exports = { UP_SECONDS, check, seenOf, span, standing, waitHealthy };
