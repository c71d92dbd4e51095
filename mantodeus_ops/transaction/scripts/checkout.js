// The work tree: moved to a revision, and back.
'use strict';
const { ourGit } = require('../../app/scripts/git');
const { sweepGitLocks } = require('../../app/scripts/git_locks');
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

// A branch may be named like the revision, and would win over it.
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

// What git would write into when it moves the work tree.
const tracked = (names) =>
  names.filter((name) => git(['ls-files', '--', `:(literal)${name}`]) !== '');

module.exports = { demandHead, git, goBack, tracked };
