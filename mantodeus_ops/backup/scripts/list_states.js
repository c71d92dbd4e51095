// Lists the backups, each with its differences from the live app.
'use strict';
const path = require('path');
const { ourGit } = require('../../git/scripts/git');
const { backupPaths } = require('../../app/scripts/made_files');
const { liveRevision } = require('../../git/scripts/revisions');
const { ownerOf, readOwn } = require('../../deploy/scripts/version_files');
const { exists } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { rightsLacking } = require('../../remote/scripts/permissions');
const { noted } = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');
const { readLive } = require('../../transaction/scripts/journal');
const {
  archiveOf,
  backups,
  contentOfState,
  isUsable,
  listedNames,
  readManifest,
  startedOf,
  stateOf,
  summaryOf,
  versionOfState,
} = require('./manifest');
const { contentOf } = require('./tar_stream');
const { SMALL_BYTES, printOf } = require('./tar_writer');

// Read once, when the program begins.
let all = [];
let paths = [];
let started = '';
let own = null;
let revision = '';

function readStates() {
  all = backups();
  paths = backupPaths();
  started = startedOf(readLive());
  own = readOwn((readLive() || {}).own);
  revision = liveRevision();
}

// The live part of this name: its content if that is known or cheap to read, else its weak fingerprint.
function liveOf(name) {
  if (!exists(path.join(project, name))) return { absent: true };
  const print = printOf(project, name);
  const owner = ownerOf(own, project, name);
  const sure = all
    .flatMap((one) => one.parts)
    .find((part) => part.path === name && part.content && part.strong === print.strong);
  if (sure) return { own: owner, content: sure.content };
  return print.bytes <= SMALL_BYTES
    ? { own: owner, content: contentOf(project, name) }
    : { own: owner, weak: print.weak };
}

const live = new Map();
const liveAt = (name) => live.get(name) || live.set(name, liveOf(name)).get(name);

function differsAt(name, part) {
  const present = liveAt(name);
  if (!part || present.absent) return Boolean(part) !== !present.absent;
  if (part.own && part.own === present.own) return false;
  return present.content === undefined
    ? part.weak !== present.weak
    : part.content !== present.content;
}

// Whether the part is known to be the same, to the last byte, except for files that the app added to this version.
const sameAt = (name, part) =>
  part
    ? !liveAt(name).absent &&
      !differsAt(name, part) &&
      (liveAt(name).content !== undefined || part.own === liveAt(name).own)
    : Boolean(liveAt(name).absent);

const partOf = (one, name) => one.parts.find((part) => part.path === name);
const namesOf = (one) => [...one.paths, ...one.absent];
const differences = (one) => namesOf(one).filter((name) => differsAt(name, partOf(one, name)));

// Reads large parts where only their content decides: equal names, sizes and times do not prove that two states are the
// same, and different times do not prove that they differ.
function settle() {
  for (const [name, seen] of [...live]) {
    const matters =
      seen.weak && all.some((backup) => differences(backup).every((other) => other === name));
    if (matters) live.set(name, { ...seen, content: contentOf(project, name) });
  }
}

function subjects() {
  const revisions = [
    ...new Set(all.map(({ revision: sha }) => sha).filter((sha) => /^[0-9a-f]{40,64}$/.test(sha))),
  ];
  if (revisions.length === 0) return {};
  const done = ourGit([
    'log',
    '--no-walk=unsorted',
    '--ignore-missing',
    '--format=%H %s',
    ...revisions,
    '--',
  ]);
  return Object.fromEntries(
    done.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]),
  );
}

function noteUnusable() {
  for (const one of all.filter(({ name }) => !isUsable(name)))
    noted(archiveOf(one.name), `cannot be used: ${rightsLacking(archiveOf(one.name))[1].why}`);
}

const isKnown = (key) =>
  paths.every((name) => liveAt(name).absent || liveAt(name)[key] || liveAt(name).content);
// Without a recorded revision, the content alone is compared.
const sameRevision = (one) => !one.revision || !revision || one.revision === revision;
// Likewise the PM2 entries are compared only if both are recorded.
const sameStart = (one) => !startedOf(one.live) || !started || startedOf(one.live) === started;
// An older record of the same state may have another key, as it did not record the version that owns the files.
const isThis = (one) =>
  sameRevision(one) &&
  sameStart(one) &&
  differences(one).length === 0 &&
  paths.every((name) => namesOf(one).includes(name));

function liveState() {
  const absent = paths.filter((name) => liveAt(name).absent);
  const present = paths
    .filter((name) => !absent.includes(name))
    .map((name) => ({ path: name, ...liveAt(name) }));
  const recorded = all.find((one) => params.exact && one.revision && isThis(one));
  const known = isKnown('own') ? stateOf(revision, versionOfState(present, absent), started) : '';
  return {
    content: isKnown('content') ? contentOfState(present, absent) : '',
    state: recorded ? recorded.state : known,
  };
}

const compared = (subject) => (one) => ({
  ...summaryOf(one),
  subject: subject[one.revision] || '',
  differs: differences(one),
  same: namesOf(one).filter((name) => sameAt(name, partOf(one, name))),
  same_revision: sameRevision(one),
  same_start: sameStart(one),
});

async function main() {
  readStates();
  noteUnusable();
  all.forEach(differences);
  paths.forEach(liveAt);
  if (params.exact) settle();
  return {
    backups: all.map(compared(subjects())),
    ...liveState(),
    now: now(),
    partial: listedNames().filter((name) => !readManifest(name)),
  };
}

module.exports = { main };
