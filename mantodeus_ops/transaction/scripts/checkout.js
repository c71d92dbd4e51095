// Checks out a revision in the work tree, and the previous one.
'use strict';
const { ourGit } = require('../../git/scripts/git');
const { sweepGitLocks } = require('../../git/scripts/git_locks');
const { mask } = require('../../redaction/scripts/app_secrets');
const { commandFailed } = require('../../remote/scripts/errors');
const { project } = require('../../remote/scripts/params');
const { trimmed } = require('../../text/whitespace');

const gitOnce = (argv) => ourGit(argv, { timeout: 300000 });

function git(argv) {
  let done = gitOnce(argv);
  if (done.code !== 0 && sweepGitLocks()) done = gitOnce(argv);
  if (done.code !== 0) throw commandFailed(`git ${argv[0]}`, done.code, mask(done.stderr));
  return trimmed(done.stdout);
}

// The arguments of git to return to the previous branch or revision; `^0`, as a branch named like the revision would win.
const goBack = ({ head, branch }) => [
  'checkout',
  '--quiet',
  '--force',
  ...(branch ? ['--no-track', '-B', branch] : ['--detach']),
  `${head}^0`,
];

function demandHead(revision, cwd = project) {
  const done = ourGit(['rev-parse', '--verify', 'HEAD'], { cwd });
  const found = trimmed(done.stdout);
  if (found === revision) return;
  const place = cwd === project ? 'the work tree' : 'the stage';
  throw new Error(`${place} is at ${found || 'no revision'} and not at ${revision}`);
}

// The outputs that have files tracked by git, which a checkout would overwrite.
const tracked = (names) =>
  names.filter((name) => git(['ls-files', '--', `:(literal)${name}`]) !== '');

module.exports = { demandHead, git, goBack, tracked };
