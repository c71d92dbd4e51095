// Compares the tip of the branch at the remote with the live revision.
'use strict';
const { runAsync } = require('../../remote/scripts/commands');
const { endOf } = require('../../remote/scripts/errors');
const { params } = require('../../remote/scripts/params');
const { readLive } = require('../../transaction/scripts/journal');
const { GIT, ourGitAsync, remoteEnv, tipIn } = require('./git');

const REMOTE_SECONDS = 3;

// The tip of the branch at the remote and how many commits it is ahead; gives up after REMOTE_SECONDS.
async function remoteFacts() {
  const branch = `refs/heads/${params.branch}`;
  const limit = ['timeout', '-k', '1', String(REMOTE_SECONDS)]; // also ends the processes that git started
  const done = await runAsync([...limit, ...GIT, 'ls-remote', 'origin', branch], {
    env: remoteEnv(REMOTE_SECONDS),
  });
  if (done.code === 124 || done.code === 137)
    return { error: `the remote gave no answer in ${REMOTE_SECONDS} s` };
  if (done.code !== 0) return { error: endOf(done.stderr) };
  const head = tipIn(done.stdout, branch);
  if (!head) return { error: `the remote has no branch ${params.branch}` };
  const live = (readLive() || {}).revision || 'HEAD';
  if (head === live) return { head, behind: 0, same: true };
  const count = await ourGitAsync(['rev-list', '--count', `${live}..${head}`, '--']);
  return { head, behind: count.code === 0 ? Number(count.stdout) : null, same: false };
}

module.exports = { remoteFacts };
