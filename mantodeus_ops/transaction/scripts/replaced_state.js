// Records the state that an activation replaces, before anything is moved, for a later rollback.
'use strict';
const fs = require('fs');
const path = require('path');
const { holdRevisions, movedAt } = require('../../git/scripts/revisions');
const { backups } = require('../../backup/scripts/manifest');
const { printOf } = require('../../backup/scripts/tar_writer');
const { writeListings } = require('../../deploy/scripts/app_files');
const { ownerOf, readOwn } = require('../../deploy/scripts/version_files');
const { digestOfBytes, fileBytes } = require('../../env/scripts/env_file');
const { exists } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { readLive } = require('./journal');
const { say } = require('./run_steps');
const { liveName, savedName } = require('./swap');

const sinceWhen = (workers) => Math.min(...workers.map((worker) => worker.up_since));

// Whether the live files are unchanged since the process began; only then its health is a verdict about them.
function isProven(since) {
  const own = readOwn((readLive() || {}).own);
  const isOld = (name) => printOf(project, name).changed / 1000 <= since;
  const untouched = (name) => ownerOf(own, project, name) !== '' || isOld(name);
  return (
    movedAt() <= since &&
    [...params.swaps, params.env_file].every((name) => !exists(liveName(name)) || untouched(name))
  );
}

// The verdict of the replaced state. Without a backup, it is good only if its files are those that ran.
function leftVerdict({ since }) {
  const verdict = params.left_verdict || 'unknown';
  return verdict === 'good' && !params.left && !isProven(since) ? 'unknown' : verdict;
}

function envNow() {
  return fs.existsSync(path.join(project, params.env_file))
    ? digestOfBytes(fileBytes(params.env_file))
    : '';
}

function stateLeft(from) {
  const { live, entry, head, branch, had } = from;
  return {
    live,
    entry,
    head,
    branch,
    had,
    swaps: params.swaps,
    undo: params.task === 'rollback' && !params.undo,
    content: params.left_content || '',
    state: params.left || '',
    env: envNow(),
    verdict: leftVerdict(from),
    sequence: Math.max(0, ...backups().map((one) => one.sequence)),
  };
}

function writeState(from) {
  const file = savedName(params.run, 'state.json');
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeListings(params.run, params.swaps);
  writeWhole(file, JSON.stringify(stateLeft(from)));
  const why = holdRevisions(backups());
  if (why) say(`git cannot keep ${from.head}: ${why}`);
}

module.exports = { sinceWhen, writeState };
