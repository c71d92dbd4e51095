// What the remote has that is not live here. needs: common journal
'use strict';
const REMOTE_SECONDS = 3;

// How far the branch that is deployed has gone on at the remote; a remote that does not answer soon is not waited for.
async function remoteFacts() {
  const branch = `refs/heads/${params.branch}`;
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'false', GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=3' };
  const limit = ['timeout', '-k', '1', String(REMOTE_SECONDS)]; // it ends what git itself started, too
  const done = await runAsync([...limit, 'git', 'ls-remote', 'origin', branch], { env });
  if (done.code === 124 || done.code === 137) return { error: `the remote gave no answer in ${REMOTE_SECONDS} s` };
  if (done.code !== 0) return { error: endOf(done.stderr) };
  const head = done.stdout.split('\t')[0];
  if (!head) return { error: `the remote has no branch ${params.branch}` };
  const live = (readLive() || {}).revision || 'HEAD';
  if (head === live) return { head, behind: 0, same: true };
  const count = await runAsync(['git', 'rev-list', '--count', `${live}..${head}`, '--']);
  return { head, behind: count.code === 0 ? Number(count.stdout) : null, same: false };
}
