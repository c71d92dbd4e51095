// What the remote has that is not live here.
'use strict';
const { runAsync } = require('../../remote/scripts/commands');
const { endOf } = require('../../remote/scripts/errors');
const { params } = require('../../remote/scripts/params');
const { readLive } = require('../../transaction/scripts/journal');
const { GIT, ourGitAsync, remoteEnv, tipIn } = require('./git');

const REMOTE_SECONDS = 3;

// How far the branch that is deployed has gone on at the remote; a remote that does not answer soon is not waited for.
async function remoteFacts() {
  const branch = `refs/heads/${params.branch}`;
  const limit = ['timeout', '-k', '1', String(REMOTE_SECONDS)]; // it ends what git itself started, too
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
