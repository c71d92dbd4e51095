// Puts right what a commit that was cut off left behind.
'use strict';
const { hiding } = require('../../redaction/scripts/app_secrets');
const { params } = require('../../remote/scripts/params');
const { conclude, succeed } = require('./finish_run');
const { journal, openRun, runParams } = require('./journal');
const { putBack, sweepGivenUp, tornBy } = require('./revert');
const { say } = require('./run_steps');

const MOST_TRIES = 3; // then a person is called, and whatever they run next goes on

async function broughtBack(from, runningDigest, tries) {
  try {
    return await putBack(from, runningDigest);
  } catch (error) {
    if (tries < MOST_TRIES) throw error;
    return tornBy(error);
  }
}

// A version that was seen healthy stays; anything else goes back to the one before it.
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
  const digest = reached.includes('reload') ? begin.digest : from.entry && from.entry.digest;
  const back = touched ? await broughtBack(from, digest, open.tries + 1) : { healthy: true };
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
