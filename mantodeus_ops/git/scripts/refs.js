// Resolves a ref to a revision: a full sha is always that revision, a name with two meanings is refused.
'use strict';
const fs = require('fs');
const path = require('path');
const { endOf, refuse } = require('../../remote/scripts/errors');
const { params } = require('../../remote/scripts/params');
const { trimmed } = require('../../text/whitespace');
const { ourGit, remoteEnv } = require('./git');

const gitDir = trimmed(ourGit(['rev-parse', '--absolute-git-dir']).stdout);
/** @type {Record<string, string>} */
let refsEnv = remoteEnv(15);

const git = (...argv) => ourGit(argv, { env: refsEnv, timeout: 300000 });
const ask = (...argv) => trimmed(git(...argv).stdout);

// A dry run must not leave objects behind: it fetches into a temporary object directory.
function quarantine() {
  if (refsEnv.GIT_OBJECT_DIRECTORY) return;
  const directory = fs.mkdtempSync(path.join(gitDir, 'ops-dry-'));
  process.on('exit', () => fs.rmSync(directory, { recursive: true, force: true }));
  const others = path.join(gitDir, 'objects');
  refsEnv = {
    ...refsEnv,
    GIT_OBJECT_DIRECTORY: directory,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: others,
  };
  fs.mkdirSync(path.join(directory, 'pack'));
}

const isCommit = (name) => {
  const done = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  return done.code === 0 ? trimmed(done.stdout) : '';
};

// The full names of the remote's branches and tags, with their commits as the remote reports them.
function remoteRefs() {
  const done = git('ls-remote', '--heads', '--tags', 'origin');
  if (done.code !== 0) throw refuse('remote-unreachable', { why: endOf(done.stderr) });
  const found = new Map();
  for (const line of done.stdout.split('\n').filter(Boolean)) {
    const [sha, name] = line.split('\t');
    found.set(name.replace(/\^\{\}$/, ''), sha); // the commit of an annotated tag follows the tag
  }
  return found;
}

function fetchedRefs() {
  const found = new Map();
  const printed = git(
    'for-each-ref',
    '--format=%(refname)',
    'refs/remotes/origin/',
    'refs/tags/',
  ).stdout;
  for (const name of printed.split('\n').filter(Boolean))
    found.set(name.replace(/^refs\/remotes\/origin\//, 'refs/heads/'), name);
  return found;
}

const FULL_SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
const SHORT_SHA = /^[0-9a-f]{7,63}$/i;

// The commits that this abbreviated sha matches.
function abbreviated(text) {
  if (!SHORT_SHA.test(text) || FULL_SHA.test(text)) return [];
  const objects = git('rev-parse', `--disambiguate=${text}`).stdout.split('\n').filter(Boolean);
  return objects.filter((sha) => ask('cat-file', '-t', sha) === 'commit');
}

function candidates(name, refs) {
  if (refs.has(name)) return [name]; // the exact spelling
  const spelled = [
    `refs/heads/${name}`,
    `refs/tags/${name}`,
    ...(/^(?:heads|tags)\//.test(name) ? [`refs/${name}`] : []),
  ];
  return [...spelled.filter((ref) => refs.has(ref)), ...abbreviated(name)];
}

function refuseAmbiguous(ref, found) {
  const words = found.map((name) => (FULL_SHA.test(name) ? `revision ${name}` : name));
  throw refuse('ref-ambiguous', { ref, names: words.join(' or '), exact: found[0] });
}

function fetched(name, sha) {
  if (isCommit(sha)) return isCommit(sha);
  if (params.dry) quarantine();
  const quiet = [
    '--quiet',
    '--no-tags',
    '--refmap=',
    '--no-write-fetch-head',
    '--no-auto-gc',
    '--end-of-options',
  ];
  git('fetch', ...quiet, 'origin', name);
  return isCommit(sha);
}

function resolveFull(ref) {
  const sha = ref.toLowerCase();
  const revision = fetched(sha, sha);
  if (revision && revision !== sha) throw refuse('ref-no-revision', { ref: sha, revision });
  return { kind: 'revision', name: sha, revision };
}

function resolve(ref) {
  if (FULL_SHA.test(ref)) return resolveFull(ref);
  const refs = params.dry ? remoteRefs() : fetchedRefs();
  const found = candidates(ref, refs);
  if (found.length > 1) refuseAmbiguous(ref, found);
  if (found.length === 0) return { kind: 'unknown', name: ref, revision: '' };
  const [full] = found;
  if (!refs.has(full)) return { kind: 'revision', name: full, revision: full };
  const revision = params.dry ? fetched(full, refs.get(full)) : isCommit(refs.get(full));
  const [, kind, name] = /^refs\/(heads|tags)\/(.*)$/s.exec(full);
  return { kind: kind === 'heads' ? 'branch' : 'tag', name, revision };
}

// The branch that the remote itself calls its default; empty where it names none.
function defaultBranch() {
  const printed = ask('ls-remote', '--symref', 'origin', 'HEAD');
  const found = printed.split('\n').map((line) => /^ref: refs\/heads\/(.+)\tHEAD$/s.exec(line));
  const [, name = ''] = found.find(Boolean) || [];
  return name;
}

function demandCommit(ref) {
  const found = resolve(ref);
  if (found.revision) return found;
  const other = ref === `refs/heads/${params.branch}` ? defaultBranch() : '';
  if (other && other !== params.branch)
    throw refuse('branch-not-found', { branch: params.branch, default: other });
  const names = [...remoteRefs().keys()].map((name) =>
    name.replace(/^refs\/(heads|tags)\//, '').slice(0, 100),
  );
  throw refuse('ref-not-found', { ref, names: [...new Set(names)].slice(0, 12).join(', ') });
}

module.exports = { ask, demandCommit, git, isCommit };
