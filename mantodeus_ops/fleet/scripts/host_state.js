// What is live, how the last change ended, whether the remote has gone on: what is asked of every host of a fleet.
'use strict';
const path = require('path');
const { remoteFacts } = require('../../app/scripts/git_remote');
const { exists } = require('../../remote/scripts/files');
const { project } = require('../../remote/scripts/params');
const { openRun, readHistory, readLive } = require('../../transaction/scripts/journal');
const { describe, newest } = require('../../transaction/scripts/lock');

// A run that holds the lock has not ended yet; one that is gone and left it, or left a commit open, was cut off.
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
