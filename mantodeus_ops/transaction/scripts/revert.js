// Back to what was there before, when a version does not become healthy.
'use strict';
const fs = require('fs');
const path = require('path');
const { readBegan } = require('../../app/scripts/crashes');
const { waitHealthy } = require('../../app/scripts/health');
const { endApp } = require('../../app/scripts/lifecycle');
const { listApp } = require('../../app/scripts/pm2');
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
const { lastErrors, writeDossier } = require('./failure_report');
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

// Nothing of this may stop the way back.
function keepRejected() {
  try {
    keepWritten(rescueRejected(params.run, params.swaps), false);
  } catch (error) {
    say(
      `what was written into the version that is left could not be kept: ${explain(error).error}`,
    );
  }
}

const early = (names, { late = [] }) => names.filter((name) => !late.includes(name));

// Of a deploy that had ended already, it names what is given up.
function keepLive(live, names) {
  if (JSON.stringify(readLive()) === JSON.stringify(live)) return;
  settleListings(params.run, names, 'version');
  if (live) writeWhole(liveFile, JSON.stringify(live));
  else fs.rmSync(liveFile, { force: true });
}

// The second time, after a crash in it, git is not asked again: it would write over what is back already.
async function putBack(from, runningDigest) {
  const [names, late] = [from.swaps || params.swaps, from.late || []];
  keepRejected();
  shareLive(names, keptPlace(params.run));
  swapBack(params.run, early(names, from), from.had);
  if (!from.treeBack) {
    for (const name of late)
      if (exists(savedName(params.run, name)) || !from.had.includes(name)) setRejected(name);
    setAside(params.run, late, from.had); // git would write over one that was not moved yet, and over what is edited in it
    if (from.head) git(goBack(from));
    journal({ step: 'tree back' });
  }
  swapBack(params.run, late, from.had);
  keepLive(from.live, names);
  if (!from.entry) {
    await endApp('delete');
    return { healthy: false, none: true, reason: 'there is no earlier version to go back to' };
  }
  await restarted(from.entry, runningDigest);
  const seen = await waitHealthy(listApp, params.health);
  noteStarted(progress.env, seen.workers);
  return seen;
}

function setRejected(name) {
  if (exists(liveName(name))) moveAside(liveName(name), rejectedName(params.run, name));
}

const tornBy = (error) => ({
  healthy: false,
  torn: true,
  reason: error.message,
  said: lastSaid(error),
});

// Of another program that failed: its last lines, in which the reason is found at the other end.
const lastSaid = ({ said }) => textLines(said || '').slice(-20);

// What could not be moved back is the only copy there is: a later rollback may need it.
function sweepGivenUp({ torn }) {
  sweep(
    inDeploy('staging'),
    inDeploy('restore'),
    inDeploy('env'),
    inDeploy('trash', params.run),
    ...(torn ? [] : [inDeploy('previous', params.run)]),
  );
}

function dossierOf(error, seen, begun) {
  try {
    const title = `${params.task} of ${params.revision} failed: ${error.message}`;
    return path.relative(
      project,
      withReserve(() => writeDossier(title, seen, begun)),
    );
  } catch (second) {
    say(`no dossier could be written: ${explain(second).error}`);
    return '';
  }
}

// A person is called only when what is back had its time twice: what is torn is put back again, what is ill is looked
// at again.
async function wentBack(from) {
  const back = await putBack(from, params.entry.digest).catch(tornBy);
  if (back.healthy || back.none) return back;
  say(`${back.reason}\nlooking once more`);
  if (back.torn) return putBack(from, params.entry.digest);
  return lookedAgain();
}

async function lookedAgain() {
  const seen = await waitHealthy(listApp, params.health, { patient: true });
  noteStarted(progress.env, seen.workers);
  return seen;
}

async function retreat(from, error) {
  const seen = error.seen || {
    reason: [error.message, ...lastSaid(error)].join('\n'),
    workers: (await listApp()).workers,
  };
  const begun = progress.started ? readBegan() : null;
  const errors = error.said ? lastSaid(error) : progress.started ? lastErrors(seen, begun) : [];
  const told = { error: error.message, errors, dossier: dossierOf(error, seen, begun) };
  if (['reload', 'health'].includes(error.step)) markStates(false);
  if (!changesState())
    return conclude({ status: 'failed', exit_code: 1, rolled_back: false, ...told });
  say(
    `${[told.error, ...lastSaid(error)].join('\n')}\ngoing back to ${params.previous_revision || 'what was there'}`,
  );
  const back = await step('rollback', () => wentBack(from)).catch(tornBy);
  sweepGivenUp(back);
  if (back.healthy)
    return conclude({ status: 'rolled_back', exit_code: 5, rolled_back: true, ...told });
  if (back.none)
    return conclude({ status: 'failed', exit_code: 1, rolled_back: false, first: true, ...told });
  return conclude({
    status: 'failed',
    exit_code: 6,
    rolled_back: false,
    rollback_error: back.reason,
    rollback_errors: back.said || [],
    ...told,
  });
}

module.exports = { early, keepWritten, lastSaid, putBack, retreat, sweepGivenUp, tornBy };
