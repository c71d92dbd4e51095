// Recovers an interrupted activation: completes it or reverts it.
'use strict';
const { hiding } = require('../../redaction/scripts/app_secrets');
const { params } = require('../../remote/scripts/params');
const { conclude, succeed } = require('./finish_run');
const { journal, openRun, runParams } = require('./journal');
const { incompleteRevert, restorePrevious, sweepGivenUp } = require('./revert');
const { say } = require('./run_steps');

const MOST_TRIES = 3; // failed recoveries; after that a person is needed, and later tasks are not blocked

async function restoreOrGiveUp(from, ran, tries) {
  try {
    return await restorePrevious(from, ran);
  } catch (error) {
    if (tries < MOST_TRIES) throw error;
    return incompleteRevert(error);
  }
}

// Completes the run if the version was seen healthy; otherwise reverts to the version before it.
async function recoverRun(open) {
  const { begin, steps: reached } = open;
  Object.assign(params, runParams(begin), { run: begin.run });
  journal({ step: 'recover' });
  if (reached.includes('healthy')) {
    await succeed();
    return 'forward';
  }
  const from = { ...begin.from_state, swaps: begin.swaps, treeBack: reached.includes('tree back') };
  const touched = reached.some((name) =>
    ['swap', 'checkout', 'reload', 'health', 'rollback'].includes(name),
  );
  const ran = reached.includes('reload') ? begin.live.entry : from.entry;
  const back = touched ? await restoreOrGiveUp(from, ran, open.tries + 1) : { healthy: true };
  const at = reached[reached.length - 1];
  sweepGivenUp(back);
  const bad = !back.healthy && !back.none;
  await conclude({
    status: bad ? 'failed' : 'interrupted',
    exit_code: bad ? 6 : 0,
    rolled_back: touched,
    at_step: at,
    rollback_error: bad ? back.reason : '',
  });
  return bad ? 'stuck' : 'back';
}

async function recover() {
  const open = openRun();
  if (!open) return 0;
  hiding();
  const outcome = await recoverRun(open);
  say(`recovered: ${outcome}`);
  return outcome === 'stuck' ? 6 : 0;
}

const main = async () => ({ exit: await recover() });

module.exports = { main };
