// Runs one command on the lock, for hold_lock.sh and the tasks.
'use strict';
const { masked } = require('../../redaction/scripts/app_secrets');
const { closeOurs } = require('../../remote/scripts/private_files');
const { bootId, bootSeconds, startedAt } = require('../../remote/scripts/process');
const { now } = require('../../remote/scripts/time');
const { describe, newest, rewrite, take, unlock } = require('./lock');

// Each run that takes the lock closes files of this tool that other accounts can read.
const closing = (answer) => (answer.held ? { ...answer, closed: closeOurs() } : answer);

function stepsOf(params) {
  const pid = Number(process.env.OPS_LOCK_HOLDER) || 0;
  const holder = { pid, started: startedAt(pid), boot: bootId() };
  const since = Math.round(now());
  const given = masked(params.record); // a reason, a name or a ref may be a secret
  const mine = { ...given, ...holder, kind: 'run', since };
  return {
    take: () => closing(take(mine)),
    again: () => take(mine, true),
    freeze: () => ({ ...take({ ...given, kind: 'freeze', since }), reason: given.reason }),
    orphan: () => ({
      done: rewrite(params.record.token, { orphaned_at: now(), orphaned_up: bootSeconds() }, pid),
    }),
    release: () => ({ done: rewrite(params.record.token, { kind: 'free' }, pid) }),
    unlock: () => unlock(params.record),
    read: () => describe(newest().record),
  };
}

async function main(params) {
  const steps = stepsOf(params);
  return steps[params.step]();
}

module.exports = { main };
