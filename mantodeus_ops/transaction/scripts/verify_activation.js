// Records what an activation is to make live before anything is moved, and verifies it afterwards.
'use strict';
const fs = require('fs');
const path = require('path');
const { headRevision } = require('../../git/scripts/revisions');
const {
  backups,
  manifestOf,
  readManifest,
  recordsOf,
  startedOf,
  stateOf,
  versionOfState,
} = require('../../backup/scripts/manifest');
const { STAGED, filesOf, readOwn, writeOwn } = require('../../deploy/scripts/version_files');
const { explain } = require('../../remote/scripts/errors');
const { exists, namesIn } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { readState, writeWhole } = require('../../remote/scripts/state_file');
const { isKept } = require('./journal');
const { say } = require('./run_steps');
const { liveName, savedName, sourceOf, stagedName } = require('./swap');

const inodeOf = (file) => (exists(file) ? fs.lstatSync(file).ino : 0);

// The inodes of the parts to come. Each part was verified where it is and is only renamed, so its inode identifies it.
const arrivals = () => params.swaps.map((name) => ({ name, inode: inodeOf(stagedName(name)) }));

function proveArrival(coming) {
  const strange = coming
    .filter(({ name, inode }) => inodeOf(liveName(name)) !== inode)
    .map(({ name }) => name);
  if (strange.length) throw new Error(`${strange.join(', ')} did not become what was to go live`);
  const head = params.checkout ? headRevision() : params.revision;
  if (head === params.revision) return;
  throw new Error(`the work tree is at ${head || 'no revision'}, not at ${params.revision}`);
}

function targetPart(name) {
  const manifest = params.task === 'rollback' ? readManifest(params.backup) : null;
  return manifest && manifest.parts.find((part) => part.path === name);
}

// The version to which a new part belongs: this run, or the version recorded in the backup or in the state moved aside.
function versionOf(name) {
  if (params.task !== 'rollback') return params.run;
  const part = targetPart(name);
  const aside = sourceOf(name).match(/^previous\/(.+)$/s);
  const state = aside
    ? readState(inDeploy('previous', aside[1], 'state.json'), { is: isKept }) || {}
    : {};
  const noted = readOwn((state.live || {}).own).parts[name];
  return (part && part.own) || (!part && noted && noted.version) || params.run;
}

function comingPart(name) {
  const version = versionOf(name);
  const known = readOwn(params.task === 'deploy' ? STAGED : version);
  const listed = (known.parts[name] || {}).files;
  const files = filesOf(inDeploy(sourceOf(name)), name, listed);
  return files && { version, files };
}

// The parts that are not swapped; they belong to the new version, too.
function stayingParts(parts) {
  const staying = Object.entries(parts).filter(([name]) => !params.swaps.includes(name));
  const versionNow = (name, part) => (targetPart(name) || {}).own || part.version;
  return Object.fromEntries(
    staying.map(([name, part]) => [name, { ...part, version: versionNow(name, part) }]),
  );
}

// Records the files of the new version; returns the id of the record, or '' if that failed.
function noteOwn(before) {
  if (!params.swaps.length && params.task !== 'rollback') return before;
  try {
    const parts = { ...stayingParts(readOwn(before).parts) };
    for (const name of params.swaps) {
      const part = comingPart(name);
      if (part) parts[name] = part;
    }
    writeOwn(params.run, parts);
    return params.run;
  } catch {
    return ''; // then the version is identified by its content alone
  }
}

// Completes records of the target that lack the version of their files: it is the live version now.
function adoptTarget() {
  const { parts: here } = readOwn(params.live.own);
  const adopted = (part) => ({ ...part, own: part.own || (here[part.path] || {}).version });
  for (const one of params.task === 'rollback' ? recordsOf(params.target) : []) {
    const parts = one.parts.map(adopted);
    const state = stateOf(one.revision, versionOfState(parts, one.absent), startedOf(one.live));
    if (state !== one.state)
      writeWhole(manifestOf(one.name), JSON.stringify({ ...one, parts, state }));
  }
}

const goingLive = (before) => ({
  ...params.live,
  own: noteOwn(before.own),
  head: params.checkout ? params.revision : params.head || before.head,
});

// The file lists that kept states still need.
function ownWanted(live) {
  const livesAside = namesIn(inDeploy('previous')).map(
    (name) => (readState(savedName(name, 'state.json')) || {}).live,
  );
  const lives = [live, ...livesAside];
  const ids = lives.map((one) => (one || {}).own);
  const versions = ids.flatMap((id) =>
    Object.values(readOwn(id).parts).map((part) => part.version),
  );
  const kept = backups()
    .flatMap((one) => one.parts)
    .map((part) => part.own);
  return new Set([STAGED, ...ids, ...versions, ...kept].filter(Boolean).map((id) => `${id}.json`));
}

function tidyOwn(live) {
  const place = inDeploy('own');
  try {
    const wanted = ownWanted(live);
    for (const name of namesIn(place)) {
      if (!wanted.has(name)) fs.rmSync(path.join(place, name), { force: true });
    }
  } catch (error) {
    say(`file lists of earlier versions could not be removed: ${explain(error).error}`);
  }
}

module.exports = { adoptTarget, arrivals, goingLive, proveArrival, tidyOwn };
