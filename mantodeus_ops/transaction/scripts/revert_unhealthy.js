// Reverts a deploy whose app was found unhealthy after its activation had ended, as the activation would have. If the app
// becomes healthy within the time of a deploy, nothing is done.
'use strict';
const { check, waitHealthy } = require('../../health/scripts/health');
const { saveDump } = require('../../pm2/scripts/lifecycle');
const { listLive } = require('../../pm2/scripts/live_apps');
const { hiding } = require('../../redaction/scripts/app_secrets');
const { refuse } = require('../../remote/scripts/errors');
const { params } = require('../../remote/scripts/params');
const { readRecords } = require('../../remote/scripts/record_file');
const { leaveResult } = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');
const { isStep, journal, journalFile, readLive, runParams } = require('./journal');
const { revert } = require('./revert');
const { progress, say, step } = require('./run_steps');

function beginOf(run_) {
  const begins = readRecords(journalFile, isStep).filter(({ step: name }) => name === 'begin');
  const begin = begins.filter((record) => record.run === run_).pop();
  const isLiveNow = begin && (readLive() || {}).revision === begin.revision;
  if (!isLiveNow) throw refuse('live-not-known');
  return begin;
}

async function lookOnce() {
  const { workers, others } = await listLive();
  return { ...(await check(workers, others)), workers, others };
}

async function takeBack() {
  hiding();
  const seen = await step('health', () =>
    params.patient ? waitHealthy(listLive, params.health) : lookOnce(),
  );
  if (seen.healthy && params.patient) {
    leaveResult({ status: 'healthy' });
    return 0;
  }
  const begin = beginOf(params.run);
  Object.assign(params, runParams(begin));
  progress.started = true;
  journal({ ...begin, at: now(), reached: ['reload'] }); // the run is open again: if it is interrupted from here on, it is reverted
  const error = new Error(
    `unhealthy after the deploy: ${seen.healthy ? params.reason : seen.reason}`,
  );
  const code = await revert(begin.from_state, Object.assign(error, { seen, step: 'health' }));
  const unsaved = code === 5 ? await saveDump() : '';
  if (unsaved) say(unsaved);
  return code;
}

const main = async () => ({ exit: await takeBack() });

module.exports = { main };
