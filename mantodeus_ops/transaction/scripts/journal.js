// The journal makes an activation recoverable: each step is on the disk before it happens.
'use strict';
const { masked } = require('../../redaction/scripts/app_secrets');
const { sizeNow } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');
const { appendRecord, readRecords } = require('../../remote/scripts/record_file');
const { now } = require('../../remote/scripts/time');

const journalFile = inDeploy('journal.jsonl');
const historyFile = inDeploy('history.jsonl');
const liveFile = inDeploy('live.json');

// The shape of live.json, which the last activation wrote.
const textsIn = (one, names) =>
  names.every((name) => one[name] === undefined || typeof one[name] === 'string');
const hasLive = (one) => typeof one.revision === 'string' || (!one.revision && isObject(one.entry));
const isLive = (one) =>
  isObject(one) && hasLive(one) && (!one.entry || isObject(one.entry)) && textsIn(one, ['modules']);

function readLive() {
  const live = readState(liveFile, { is: isLive });
  return live && { revision: '', ...live };
}

// The shape of state.json, which an activation writes beside what it moved aside.
const isKept = (one) => isObject(one) && Array.isArray(one.swaps);

// The parameters of a run. They are recorded when it begins; a program that ends the run uses them instead of those that it got.
const RUN_PARAMS = [
  'task',
  'source',
  'sources',
  'target',
  'left',
  'undo',
  'saving',
  'skip_health',
  'swaps',
  'checkout',
  'revision',
  'previous_revision',
  'live',
];
const runParams = (record) => Object.fromEntries(RUN_PARAMS.map((name) => [name, record[name]]));

const journal = (record) =>
  appendRecord(journalFile, { at: now(), run: params.run, ...masked(record) });

const isReached = (steps) =>
  !Array.isArray(steps) || steps.every((step) => typeof step === 'string');
const isStep = (one) =>
  isObject(one) &&
  typeof one.step === 'string' &&
  textsIn(one, ['run', 'task', 'who']) &&
  isReached(one.reached);

// The run whose activation began and did not end, with the steps that it reached and the number of recoveries since; null
// if there is none.
function openRun() {
  let open = null;
  for (const record of readRecords(journalFile, isStep)) {
    if (record.step === 'begin')
      open = {
        begin: record,
        steps: ['begin', ...(Array.isArray(record.reached) ? record.reached : [])],
        tries: 0,
      };
    else if (open && record.run === open.begin.run && record.step === 'recover') open.tries += 1;
    else if (open && record.run === open.begin.run) open.steps.push(record.step);
    if (open && record.step === 'end' && record.run === open.begin.run) open = null;
  }
  return open;
}

// Removes earlier runs from a long journal; the history has their results.
function trimJournal() {
  if (sizeNow(journalFile) <= 262144 || openRun()) return;
  const own = readRecords(journalFile, isStep).filter((record) => record.run === params.run);
  writeWhole(journalFile, own.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

const isPast = (one) =>
  isObject(one) &&
  Number.isFinite(one.at) &&
  ['task', 'status'].every((name) => typeof one[name] === 'string');
const readHistory = (most = 50) => readRecords(historyFile, isPast).slice(-most);

module.exports = {
  historyFile,
  isKept,
  isStep,
  journal,
  journalFile,
  liveFile,
  openRun,
  readHistory,
  readLive,
  runParams,
  trimJournal,
};
