// Reverts to the previous version if the new one does not become healthy.
'use strict';
const fs = require('fs');
const path = require('path');
const { namesOf } = require('../../pm2/scripts/apps');
const { readBegan } = require('../../pm2/scripts/crashes');
const { standing, waitHealthy } = require('../../health/scripts/health');
const { misasked, rightQuestion } = require('../../health/scripts/health_elsewhere');
const { endApp } = require('../../pm2/scripts/lifecycle');
const { listVersion } = require('../../pm2/scripts/pm2');
const { shareLive } = require('../../app/scripts/shared_files');
const {
  NAMED,
  keptPlace,
  named,
  rescueRejected,
  settleListings,
} = require('../../deploy/scripts/app_files');
const { noteStarted } = require('../../env/scripts/process_env');
const { explain } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { withReserve } = require('../../remote/scripts/limits');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { textLines } = require('../../text/whitespace');
const { git, goBack } = require('./checkout');
const { changesState, conclude, markStates } = require('./finish_run');
const { lastErrors, writeReport } = require('./failure_report');
const { journal, liveFile, readLive } = require('./journal');
const { progress, say, step } = require('./run_steps');
const { restarted } = require('./start_version');
const {
  liveName,
  moveAside,
  rejectedName,
  savedName,
  setAside,
  swapBack,
  sweep,
} = require('./swap');

function keepWritten(found, along) {
  if (!found.length) return;
  const kept = exists(keptPlace(params.run)) ? path.relative(project, keptPlace(params.run)) : '';
  if (kept) progress.written = { count: found.length, files: found.slice(0, NAMED), place: kept };
  say(
    `files that are no part of the version ${along ? 'went along' : 'are kept'}: ${named(found)}${kept ? ` (in ${kept})` : ''}`,
  );
}

// Keeps files that the app wrote into the rejected version. A failure here must not stop the revert.
function keepRejected() {
  try {
    keepWritten(rescueRejected(params.run, params.swaps), false);
  } catch (error) {
    say(
      `files that the app wrote into the rejected version could not be kept: ${explain(error).error}`,
    );
  }
}

const early = (names, { late = [] }) => names.filter((name) => !late.includes(name));

// Restores live.json, which a deploy that had ended already has replaced.
function keepLive(live, names) {
  if (JSON.stringify(readLive()) === JSON.stringify(live)) return;
  settleListings(params.run, names, 'version');
  if (live) writeWhole(liveFile, JSON.stringify(live));
  else fs.rmSync(liveFile, { force: true });
}

// Restores the previous version. After a crash during a revert, the checkout is not repeated, as it would overwrite files
// that are restored already. `ran` is the entry of the apps that PM2 may run now.
async function restorePrevious(from, ran = params.live.entry) {
  const [names, late] = [from.swaps || params.swaps, from.late || []];
  keepRejected();
  shareLive(names, keptPlace(params.run));
  swapBack(params.run, early(names, from), from.had);
  if (!from.treeBack) {
    for (const name of late)
      if (exists(savedName(params.run, name)) || !from.had.includes(name)) setRejected(name);
    setAside(params.run, late, from.had); // else git would overwrite them, with edits in them
    if (from.head) git(goBack(from));
    journal({ step: 'tree back' });
  }
  swapBack(params.run, late, from.had);
  keepLive(from.live, names);
  if (from.entry) await restarted(from.entry, ran);
  else await endApp('delete', namesOf(ran));
  if (!namesOf(from.entry).includes(params.app))
    return { healthy: false, none: true, reason: 'there is no earlier version to go back to' };
  const seen = await waitHealthy(() => listVersion(from.entry), params.health);
  noteStarted(progress.env, seen.workers);
  return seen;
}

function setRejected(name) {
  if (exists(liveName(name))) moveAside(liveName(name), rejectedName(params.run, name));
}

const incompleteRevert = (error) => ({
  healthy: false,
  torn: true,
  reason: error.message,
  said: lastSaid(error),
});

// The last output of a program that failed, in which the client finds the reason.
const lastSaid = ({ said }) => textLines(said || '').slice(-20);

// Removes leftovers; what a failed revert could not move back is kept, as it is the only copy.
function sweepGivenUp({ torn }) {
  sweep(
    inDeploy('staging'),
    inDeploy('restore'),
    inDeploy('env'),
    inDeploy('trash', params.run),
    ...(torn ? [] : [inDeploy('previous', params.run)]),
  );
}

function reportOf(error, seen, begun) {
  try {
    const title = `${params.task} of ${params.revision} failed: ${error.message}`;
    return path.relative(
      project,
      withReserve(() => writeReport(title, seen, begun)),
    );
  } catch (second) {
    say(`the failure report could not be written: ${explain(second).error}`);
    return '';
  }
}

// Reverts, and tries twice before a person is needed: an incomplete revert is repeated, an unhealthy app is checked again.
async function revertAndRetry(from) {
  const back = await restorePrevious(from).catch(incompleteRevert);
  if (back.healthy || back.none) return back;
  say(`${back.reason}\nchecking once more`);
  if (back.torn) return restorePrevious(from);
  return checkAgain(from.entry);
}

async function checkAgain(entry) {
  const seen = await waitHealthy(() => listVersion(entry), params.health, { patient: true });
  noteStarted(progress.env, seen.workers);
  return seen;
}

// Of a first deploy: where the app is healthy that health_url does not ask.
async function questionOf({ workers = [], answer }) {
  return misasked(workers, answer) ? rightQuestion(workers, answer) : null;
}

// An app that was not started by this tool, and was not healthy by this inventory then, runs again as before.
function illBefore(from, { healthy, workers = [], reason }) {
  const isBack = !healthy && !from.live && params.left_verdict === 'bad' && workers.length > 0;
  return isBack && !standing(workers) ? reason : '';
}

async function revert(from, error) {
  const seen = error.seen || {
    reason: [error.message, ...lastSaid(error)].join('\n'),
    ...(await listVersion(params.live.entry)),
  };
  const begun = progress.started ? readBegan() : null;
  const errors = error.said ? lastSaid(error) : progress.started ? lastErrors(seen, begun) : [];
  const right = from.live ? null : await questionOf(seen);
  const failure = {
    ...(right && { right }),
    error: error.message,
    errors,
    dossier: reportOf(error, seen, begun),
  };
  if (['reload', 'health'].includes(error.step)) markStates(false);
  if (!changesState())
    return conclude({ status: 'failed', exit_code: 1, rolled_back: false, ...failure });
  say(
    `${[failure.error, ...lastSaid(error)].join('\n')}\nreverting to ${params.previous_revision || 'the previous version'}`,
  );
  const back = await step('rollback', () => revertAndRetry(from)).catch(incompleteRevert);
  sweepGivenUp(back);
  const ill = illBefore(from, back);
  if (back.healthy || ill)
    return conclude({
      status: 'rolled_back',
      exit_code: 5,
      rolled_back: true,
      ...(ill && { ill_before: ill }),
      ...failure,
    });
  if (back.none)
    return conclude({
      status: 'failed',
      exit_code: 1,
      rolled_back: false,
      first: true,
      ...failure,
    });
  return conclude({
    status: 'failed',
    exit_code: 6,
    rolled_back: false,
    rollback_error: back.reason,
    rollback_errors: back.said || [],
    ...failure,
  });
}

module.exports = {
  early,
  incompleteRevert,
  keepWritten,
  lastSaid,
  restorePrevious,
  revert,
  sweepGivenUp,
};
