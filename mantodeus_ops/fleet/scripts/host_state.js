// The state of a host for @failed and @behind: the live revision, the last change, and the tip of the branch.
'use strict';
const path = require('path');
const { remoteFacts } = require('../../git/scripts/git_remote');
const { exists } = require('../../remote/scripts/files');
const { project } = require('../../remote/scripts/params');
const { openRun, readHistory, readLive } = require('../../transaction/scripts/journal');
const { describe, newest } = require('../../transaction/scripts/lock');

// Whether a run was interrupted: its process is dead but holds the lock, or its activation has not ended.
function cutOff() {
  const { verdict } = describe(newest().record);
  return verdict === 'dead' || (openRun() !== null && verdict === 'free');
}

async function main(params) {
  const wants = (name) => params.want.includes(name);
  const there = exists(path.join(project, '.git'));
  const last = readHistory(1)[0] || null;
  return {
    live: (readLive() || {}).revision || '',
    last: last && { task: last.task, status: last.status, at: last.at },
    cut_off: wants('failed') && cutOff(),
    remote: wants('behind') && there ? await remoteFacts() : null,
  };
}

module.exports = { main };
