// Waits for the app to be healthy, as a deploy does, and reports each failed attempt.
'use strict';
const path = require('path');
const { readBegan } = require('../../pm2/scripts/crashes');
const { seenOf, span, waitHealthy } = require('../../health/scripts/health');
const { listLive } = require('../../pm2/scripts/live_apps');
const { pm2Daemon } = require('../../pm2/scripts/pm2_daemon');
const { whyNone } = require('../../remote/scripts/errors');
const { readText } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { reply } = require('../../remote/scripts/reply');
const { monotonic } = require('../../remote/scripts/time');
const { lastErrors } = require('../../transaction/scripts/failure_report');

const attempts = ({ wait, retries, delay, timeout = 0 }) =>
  timeout ? Math.max(1, Math.ceil((span(params.health) - wait) / Math.max(0.1, delay))) : retries;

// Reports once for each attempt of the policy, although the app is checked more often.
let reportedTries = 0;
function reportTry(seen, passed) {
  const tries = Math.max(
    1,
    Math.ceil((passed - params.health.wait) / Math.max(0.1, params.health.delay)),
  );
  if (tries <= reportedTries || tries > attempts(params.health) || passed < params.health.wait)
    return;
  reportedTries = tries;
  reply({ attempt: tries, reason: seen.reason });
}

async function healthAfterWait() {
  reply({ env: readText(path.join(project, params.env_file)) }); // its secrets are redacted in all that follows
  if (!pm2Daemon())
    return {
      healthy: false,
      asked: false,
      daemon: false,
      reason: 'the PM2 daemon is not running',
      status: 0,
      seconds: 0,
      errors: [],
    };
  const began = monotonic();
  const seen = await waitHealthy(listLive, params.health, { tell: reportTry });
  const errors = seen.healthy ? [] : lastErrors(seen, readBegan());
  return {
    ...seenOf(seen),
    daemon: true,
    pids: seen.workers.map((worker) => worker.pid),
    waited: monotonic() - began,
    errors,
  };
}

const unknown = (error) => ({
  healthy: false,
  daemon: true,
  ...whyNone(error, 'reason'),
  status: 0,
  seconds: 0,
  errors: [],
});

async function main() {
  reply({ result: await healthAfterWait().catch(unknown) });
  return { exit: 0 };
}

module.exports = { main };
