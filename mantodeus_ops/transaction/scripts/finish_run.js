// Ends a run: records verdicts and history, and removes what is no longer needed.
'use strict';
const fs = require('fs');
const { saveDump } = require('../../pm2/scripts/lifecycle');
const { markState } = require('../../backup/scripts/manifest');
const { settleListings } = require('../../deploy/scripts/app_files');
const { noteStarted } = require('../../env/scripts/process_env');
const { masked } = require('../../redaction/scripts/app_secrets');
const { explain } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { appDir, inDeploy, params } = require('../../remote/scripts/params');
const { leaveResult, readState, writeWhole } = require('../../remote/scripts/state_file');
const { appendRecord } = require('../../remote/scripts/record_file');
const { monotonic, now } = require('../../remote/scripts/time');
const { adoptTarget, tidyOwn } = require('./verify_activation');
const { hook, sayFailure } = require('./hooks');
const { historyFile, isKept, journal, liveFile, trimJournal } = require('./journal');
const { began, progress, say, steps } = require('./run_steps');
const { savedName, sweep } = require('./swap');
const { tidyTaken } = require('../../pm2/scripts/taken_start');

// Records revisions that were rolled back: the webhook does not deploy them again.
function remember(result) {
  const file = inDeploy('rejected.json');
  const known = readState(file, { otherwise: {} });
  const left =
    result.status === 'rolled_back'
      ? params.revision
      : params.task === 'rollback' && result.status === 'success'
        ? params.previous_revision
        : '';
  const next = { ...known };
  if (result.status === 'success') delete next[params.revision];
  if (left && left !== (result.status === 'success' ? params.revision : params.previous_revision))
    next[left] = { at: now(), run: params.run };
  if (JSON.stringify(next) !== JSON.stringify(known)) writeWhole(file, JSON.stringify(next));
}

// Records the verdict of the new state and of the previous one. If that fails, the run goes on.
function markStates(healthy) {
  try {
    writeVerdicts(healthy);
  } catch (error) {
    say(`the verdict of the backups could not be written: ${explain(error).error}`);
  }
}

function writeVerdicts(healthy) {
  if (params.target)
    markState(
      params.target,
      healthy
        ? { verdict: params.skip_health ? 'unknown' : 'good', left: false, changed: false }
        : { verdict: 'bad' },
    );
  if (healthy && params.left && params.task === 'rollback' && !params.undo)
    markState(params.left, { left: true });
  if (healthy) adoptTarget();
  if (params.saving && !params.skip_health) settle(params.saving, healthy ? 'good' : 'bad');
}

// Records the verdict for the backup that runs beside a restart: whichever of the two ends last applies it.
function settle(job, verdict) {
  if (!exists(inDeploy('jobs', job))) return;
  writeWhole(inDeploy('jobs', job, 'verdict'), verdict);
  const made = readState(inDeploy('jobs', job, 'result.json'));
  if (made && (made.sound || made.consistent)) markState(made.state || made.content, { verdict });
}

async function conclude(result) {
  const record = masked({
    at: now(),
    run: params.run,
    task: params.task,
    who: params.who,
    from: params.from,
    ref: params.ref,
    revision: params.revision,
    previous_revision: params.previous_revision,
    backup: params.backup || '',
    seconds: Math.round((monotonic() - began) * 1000) / 1000,
    steps,
    ...(progress.written && { written: progress.written }),
    ...result,
  });
  appendRecord(historyFile, record);
  remember(result);
  journal({ step: 'end', status: result.status });
  leaveResult(record);
  trimJournal();
  if (result.exit_code !== 0) await sayFailure();
  return result.exit_code;
}

// The directories of earlier runs to remove. A change of .env removes only those of other changes of .env, as a rollback
// may need the rest.
function outlived() {
  const older = exists(inDeploy('previous'))
    ? fs.readdirSync(inDeploy('previous')).filter((name) => name !== params.run)
    : [];
  const swapsOf = (run_) =>
    (readState(savedName(run_, 'state.json'), { is: isKept }) || { swaps: [] }).swaps;
  const small = (names) => names.length === 1 && names[0] === (params.env_place || params.env_file);
  if (small(params.swaps))
    return older.filter((run_) => small(swapsOf(run_))).map((run_) => inDeploy('previous', run_));
  return [...older.map((run_) => inDeploy('previous', run_)), inDeploy('staging')];
}

async function succeed(workers) {
  noteStarted(progress.env, workers);
  journal({ step: 'healthy', live: params.live });
  markStates(true);
  writeWhole(liveFile, JSON.stringify(params.live));
  settleListings(params.run, params.swaps);
  tidyOwn(params.live);
  tidyTaken(params.live);
  try {
    await hook('after_commit', appDir);
  } catch (error) {
    say(error.message);
  }
  const unsaved = await saveDump();
  if (unsaved) say(unsaved);
  if (changesState())
    sweep(...outlived(), inDeploy('restore'), inDeploy('env'), inDeploy('trash', params.run));
  return conclude({ status: 'success', exit_code: 0, rolled_back: false });
}

// Whether the run moves anything; otherwise there is nothing to revert.
const changesState = () => params.swaps.length > 0 || Boolean(params.checkout);

module.exports = { changesState, conclude, markStates, succeed };
