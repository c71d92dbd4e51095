// The health check: the right answer from each process that PM2 runs now, none of which has just crashed. An app without
// HTTP only must not have crashed.
'use strict';
const { ageOfProcess } = require('../../remote/scripts/process');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { askApp, healthUrl, isAsked, isRight, reasonOf } = require('./health_answer');
const { ANSWER_SECONDS } = require('./http_probe');
const {
  comebacksBeside,
  fallen,
  lostBeside,
  ownVersion,
  stoodBeside,
  unsteadyBeside,
} = require('../../pm2/scripts/other_apps');
const { family, pathsOf, portsOf } = require('./socket_owner');
const {
  LONGEST_STEADY,
  STEADY_SECONDS,
  comebacks,
  lostFor,
  standing,
  unsteady,
} = require('../../pm2/scripts/process_state');

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

/** @type {(workers: AppWorker[], others?: OtherApp[]) => Promise<HealthFacts>} */
async function check(workers, others = []) {
  const down = standing(workers);
  if (down) return { healthy: false, reason: down };
  const { why = '', answer = undefined } = isAsked() ? await askEach(workers) : {};
  if (why) return { healthy: false, reason: why, answer };
  /** @type {any} */
  const fell = standing(workers) || fallen(others) || unsteady(workers) || unsteadyBeside(others);
  if (!fell) return { healthy: true, reason: '', answer };
  return {
    healthy: false,
    reason: fell.reason || fell,
    app: fell.app,
    settling: fell.settling || 0,
    often: Boolean(fell.often),
    answer,
  };
}

// How long a new process may take until it is healthy.
const span = ({ wait, retries, delay, timeout = 0 }) =>
  timeout ? Math.max(wait, timeout) : wait + retries * delay;

// How long a process must have run before its answer counts, or if it gives none.
const least = (policy) => (isAsked() ? policy.wait : Math.max(policy.wait, UP_SECONDS));

// Waits until the app is healthy and has run without a crash for a while; returns as soon as it has. Checks at least
// once. Time is measured by a monotonic clock; `patient` also waits for an app that crashed more than once.
async function waitHealthy(list, policy, { tell = (..._args) => {}, patient = false } = {}) {
  const began = monotonic();
  const deadline = began + span(policy);
  const latest =
    deadline + least(policy) + (patient ? LONGEST_STEADY : STEADY_SECONDS) + ANSWER_SECONDS;
  let { workers, others } = ownVersion(await list());
  const before = comebacks(workers);
  const beside = comebacksBeside(others);
  let seen;
  let since = 0;
  do {
    seen = { ...(await check(workers, others)), workers, others };
    since = seen.healthy ? since || monotonic() : 0;
    if (seen.healthy && stoodLongEnough(seen, since, policy)) return seen;
    if (!seen.healthy) tell(seen, monotonic() - began);
    if (isHopeless(seen, workers, policy)) return seen;
    if (standing(workers) || fallen(others)) {
      await sleep(0.3);
      ({ workers, others = [] } = await list());
      const reason = lostFor(workers, before);
      const lost = reason ? { reason } : lostBeside(others, beside);
      if (lost) return { healthy: false, workers, others, answer: seen.answer, ...lost };
    }
    await sleep(0.1);
  } while (
    monotonic() < deadline ||
    (monotonic() < latest && (since || (seen.settling && (patient || !seen.often))))
  );
  return decided({ ...seen, workers, others }, policy, monotonic() - began);
}

// The result after the deadline: an app that was healthy only now and then is not healthy.
function decided(seen, policy, seconds) {
  const reason = seen.healthy
    ? `it did not stand still within ${Math.round(seconds)} s`
    : seen.reason + tooShort(seen, policy);
  return { ...seen, healthy: false, reason };
}

// Names the inventory key that gives a slow process more time.
function tooShort({ answer, app, workers }, policy) {
  const isStarting =
    answer &&
    !app &&
    !standing(workers) &&
    (!answer.status || answer.status >= 500) &&
    workers.every((worker) => ageOfProcess(worker.pid) < 2 * span(policy) + 1);
  return isStarting ? `; it had ${Math.round(span(policy))} s (health.timeout)` : '';
}

function stoodLongEnough({ workers, others }, since, policy) {
  const stood = workers.every((worker) => ageOfProcess(worker.pid) >= least(policy));
  return monotonic() - since >= 0.5 && stood && stoodBeside(others, policy.wait);
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
const seenOf = ({ answer, settling, often, workers, others, app, ...seen }) => ({
  ...seen,
  asked: isAsked(),
  status: answer ? answer.status : 0,
  seconds: answer ? answer.seconds : 0,
  body: answer && answer.body ? answer.body.slice(0, 400) : '',
});

module.exports = { UP_SECONDS, check, seenOf, span, standing, waitHealthy };
