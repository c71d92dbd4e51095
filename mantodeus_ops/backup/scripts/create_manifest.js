// Builds the manifest of a new backup: its content, and the verdict of the app that ran from it.
'use strict';
const path = require('path');
const { lockfilePath } = require('../../app/scripts/made_files');
const { ownerOf, readOwn } = require('../../deploy/scripts/version_files');
const { mask } = require('../../redaction/scripts/app_secrets');
const { digestOf } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { canRead } = require('../../remote/scripts/permissions');
const { stateText } = require('../../remote/scripts/state_file');
const { monotonic, now } = require('../../remote/scripts/time');
const { trimmed } = require('../../text/whitespace');
const { FORMAT, contentOfState, seal, startedOf, stateOf, versionOfState } = require('./manifest');

const own = readOwn((params.about.live || {}).own);

// The directory of a part: a rollback has moved the parts that it replaced.
const rootOf = (name) => path.resolve(project, (params.roots || {})[name] || '.');

function lockfileDigest() {
  const name = lockfilePath();
  return name ? digestOf(path.join(project, name)) : '';
}

// The verdict of a restart that ran beside this backup.
const verdictBeside = () => trimmed(stateText(inDeploy('jobs', params.job, 'verdict')));

// Whether the parts are what the healthy process was started from: nothing changed or disappeared since.
const vanished = (absent, listed) =>
  listed.slice(0, 1).some((before) => absent.some((name) => before.paths.includes(name)));
const began = (one) => (one.own ? own.at : one.changed / 1000);
const isOld = (one) => began(one) <= params.running_since;
const keptStill = (absent, listed) =>
  !vanished(absent, listed) && (params.head_moved || 0) <= params.running_since;
const proven = (parts, absent, listed) =>
  params.about.verdict !== 'good' ||
  !params.running_since ||
  (keptStill(absent, listed) && parts.every(isOld));

// The app ran well from these files, and files that its version brought were written since: the last choice of a rollback.
const changedSince = (parts, absent, listed) =>
  keptStill(absent, listed) && parts.every((one) => isOld(one) || own.parts[one.path]);

// The verdict of a state: that of this run, or else the last one of the same state.
function verdictOf(state, parts, absent, listed) {
  if (proven(parts, absent, listed)) return { verdict: params.about.verdict };
  const same = listed.find((one) => one.state === state && one.verdict !== 'unknown');
  if (same) return { verdict: same.verdict, ...(same.changed && { changed: true }) };
  return changedSince(parts, absent, listed)
    ? { verdict: 'good', changed: true }
    : { verdict: 'unknown' };
}

// The branch and reason without secrets. A rollback checks out the branch, so one that holds a secret is dropped.
function plainAbout() {
  const { branch = '', reason = '' } = params.about;
  if (!canRead(path.join(project, params.env_file || '.env'))) return {}; // without .env, its secrets are unknown
  return { branch: mask(branch) === branch ? branch : '', reason: mask(reason) };
}

// The parts with the version that owns their files. Checked after packing: files that are unchanged now were unchanged
// all the time.
const owned = (parts) =>
  parts.map((one) => ({ ...one, own: ownerOf(own, rootOf(one.path), one.path) || undefined }));

// `listed` are the earlier backups, `start` is when this one began.
function newManifest(name, made, { absent, listed, start, about }) {
  const parts = owned(made.parts);
  const sum = (key) => parts.reduce((all, one) => all + one[key], 0);
  const content = contentOfState(parts, absent);
  const state = stateOf(
    params.about.revision,
    versionOfState(parts, absent),
    startedOf(about.live),
  );
  const shut = parts.flatMap((one) => one.shut || []);
  const skipped = [...parts.flatMap((one) => one.skipped || []), ...shut];
  const sound = parts.every((one) => one.consistent || one.own);
  const sequence = 1 + Math.max(0, ...listed.map((one) => one.sequence));
  return {
    format: FORMAT,
    name,
    at: now(),
    sequence,
    since: Math.min(
      sequence,
      ...listed.filter((one) => one.state === state).map((one) => one.since),
    ),
    ...params.about,
    ...about,
    ...plainAbout(),
    ...(sound ? verdictOf(state, parts, absent, listed) : { verdict: 'unknown' }),
    consistent: parts.every((one) => one.consistent),
    sound,
    skipped,
    shut,
    content,
    state,
    made: params.made,
    paths: parts.map((one) => one.path),
    absent,
    ...made,
    parts,
    plain_bytes: sum('plain'),
    entries: sum('entries'),
    reused: parts.filter((one) => one.reused).map((one) => one.path),
    seal: seal(made.sha256),
    lockfile: lockfileDigest(),
    node: process.version,
    abi: `${process.versions.modules}-${process.platform}-${process.arch}`,
    seconds: Math.round((monotonic() - start) * 1000) / 1000,
  };
}

module.exports = { newManifest, rootOf, verdictBeside };
