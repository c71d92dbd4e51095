// Runs git with settings of this tool, so that no setting of the account changes its output or runs a program.
'use strict';
const { run, runAsync } = require('../../remote/scripts/commands');

// Settings for remotes and checkouts (url.insteadOf, credential.*, core.sshCommand, filters, line ends) are kept.
const GIT_SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.abbrev=auto',
  'core.safecrlf=false',
  'core.useReplaceRefs=false',
  'color.ui=false',
  'color.diff=false',
  'color.status=false',
  'color.branch=false',
  'color.advice=false',
  'color.remote=false',
  'color.transport=false',
  'log.showSignature=false',
  'i18n.logOutputEncoding=UTF-8',
  'status.renames=false',
  'diff.renames=false',
  'diff.relative=false',
  'diff.ignoreSubmodules=none',
  'diff.orderFile=/dev/null',
  'apply.whitespace=nowarn',
  'apply.ignoreWhitespace=no',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'advice.objectNameWarning=false',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=20',
];
const GIT = ['git', '--no-pager', ...GIT_SETTINGS.flatMap((setting) => ['-c', setting])];

const ourGit = (words, options = {}) => run([...GIT, ...words], options);
const ourGitAsync = (words, options = {}) => runAsync([...GIT, ...words], options);

// git must not wait for input; the ssh command that git is configured with gets our options in addition.
function remoteEnv(seconds) {
  const ssh = '${OPS_GIT_SSH:-$(git config core.sshCommand || echo "${GIT_SSH:-ssh}")}';
  const command = `ops_ssh() { eval "${ssh} -o BatchMode=yes -o ConnectTimeout=${seconds} \\"\\$@\\""; }; ops_ssh`;
  const asks = { GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'false' };
  return { ...process.env, ...asks, GIT_SSH_VARIANT: 'ssh', GIT_SSH_COMMAND: command };
}

// The revision of the ref with exactly this name in the output of ls-remote, which also lists refs that end like it.
function tipIn(printed, ref) {
  const found = printed
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([, name]) => name === ref);
  return found ? found[0] : '';
}

module.exports = { GIT, ourGit, ourGitAsync, remoteEnv, tipIn };
