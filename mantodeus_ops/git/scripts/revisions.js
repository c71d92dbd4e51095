// The live revision, and the refs that make git keep the revision of every kept state.
'use strict';
const path = require('path');
const { exists, namesIn, tailOf } = require('../../remote/scripts/files');
const { inDeploy, project } = require('../../remote/scripts/params');
const { readState } = require('../../remote/scripts/state_file');
const { textLines, trimmed } = require('../../text/whitespace');
const { isKept, readLive } = require('../../transaction/scripts/journal');
const { ourGit } = require('./git');

const STATES = 'refs/mantodeus/states/';
const REVISION = /^[0-9a-f]{40,64}$/;
const isClone = () => exists(path.join(project, '.git'));
const linesOf = (text) => text.split('\n').filter(Boolean);
const gitFed = (words, lines) =>
  ourGit(words, { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'pipe', 'pipe'] });

function headRevision() {
  if (!isClone()) return '';
  return trimmed(ourGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).stdout);
}

// When HEAD last moved, by this tool or a person; an older process was not started from this checkout.
function movedAt() {
  const last = textLines(tailOf(path.join(project, '.git', 'logs', 'HEAD'), 4096)).pop() || '';
  const at = /> (\d{1,12}) [+-]\d{4}(\t|$)/.exec(last);
  return at ? Number(at[1]) : 0;
}

// HEAD of the checkout, as a person may have moved it; or the recorded revision if git could not check it out then.
function liveRevision() {
  const [live, head] = [readLive() || {}, headRevision()];
  return head && live.head !== head ? head : live.revision || head;
}

// The revisions of versions that were moved aside and may have no backup; they are kept as well.
function keptAside() {
  const place = inDeploy('previous');
  const headOf = (name) =>
    (readState(path.join(place, name, 'state.json'), { is: isKept }) || {}).head;
  const names = namesIn(place);
  return names.map((name) => ({ name: `previous-${name}`, revision: headOf(name) }));
}

function knownToGit(revisions) {
  const done = gitFed(
    ['cat-file', '--batch-check'],
    revisions.map((revision) => `${revision}^{commit}`),
  );
  const found = linesOf(done.stdout).filter((line) => line.includes(' commit '));
  return new Set(found.map((line) => line.split(' ', 1)[0]));
}

function refsNow() {
  const done = ourGit(['for-each-ref', '--format=%(refname) %(objectname)', STATES]);
  return new Map(linesOf(done.stdout).map((line) => line.split(' ')));
}

function refsWanted(kept) {
  const states = [...kept, ...keptAside()];
  const sound = states.filter(
    ({ name, revision }) => /^[\w-]+$/.test(name) && REVISION.test(revision),
  );
  const known = knownToGit([...new Set(sound.map(({ revision }) => revision))]);
  return new Map(
    sound
      .filter(({ revision }) => known.has(revision))
      .map(({ name, revision }) => [STATES + name, revision]),
  );
}

// Keeps a ref for each kept state and for no other, so that neither `git gc` nor a force push loses a revision.
// Returns the reason of a failure, or ''.
function holdRevisions(kept) {
  if (!isClone()) return '';
  const [wanted, here] = [refsWanted(kept), refsNow()];
  const missing = [...wanted].filter(([ref, revision]) => here.get(ref) !== revision);
  const changes = missing.map(([ref, revision]) => `update ${ref} ${revision}`);
  for (const ref of here.keys()) if (!wanted.has(ref)) changes.push(`delete ${ref}`);
  if (changes.length === 0) return '';
  const done = gitFed(['update-ref', '--stdin'], changes);
  return done.code === 0 ? '' : trimmed(done.stderr).slice(-400);
}

module.exports = { headRevision, holdRevisions, liveRevision, movedAt };
