// Writes a failure report: the facts that a person needs after a failure, in one private file, with secrets masked.
'use strict';
const fs = require('fs');
const path = require('path');
const { entryLogs } = require('../../pm2/scripts/apps');
const { markOf, writtenSince } = require('../../pm2/scripts/log_positions');
const { pm2Home } = require('../../pm2/scripts/pm2_daemon');
const { mask } = require('../../redaction/scripts/app_secrets');
const { run } = require('../../remote/scripts/commands');
const { bytesBetween, exists, sizeNow } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { textLines } = require('../../text/whitespace');

function tailSince(file, offset, most = 65536) {
  if (!file || !exists(file)) return '';
  const size = sizeNow(file);
  return bytesBetween(file, Math.max(size - most, offset <= size ? offset : 0), size).toString();
}

// The processes of all apps.
const seenWorkers = ({ workers, others = [] }) => [
  ...(workers || []),
  ...others.flatMap((app) => app.workers),
];

// The processes of the app that failed.
function failedWorkers({ app, workers, others = [] }) {
  const other = others.find(({ name }) => name === app);
  return other ? other.workers : workers || [];
}

const logFiles = (workers) =>
  [...new Set(workers.flatMap((worker) => [worker.err_log, worker.out_log]))].filter(Boolean);
const MOST_LOGS = 500; // in one folder

// The positions of all logs in a folder, as their names depend on mode and worker; null if there are too many.
function marksIn(folder) {
  const names = exists(folder)
    ? fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
    : [];
  if (names.length > MOST_LOGS) return null;
  return names.map(({ name }) => [path.join(folder, name), markOf(path.join(folder, name))]);
}

// Where the app's logs end now, including logs that it may write under its next PM2 entry.
function logMarks(workers, entry) {
  const known = [
    ...logFiles(workers),
    ...entryLogs(entry).map((file) => path.resolve(project, file)),
  ];
  const folders = [
    ...new Set([path.join(pm2Home(), 'logs'), ...known.map((file) => path.dirname(file))]),
  ];
  /** @type {any[][]} */
  const marked = folders.map((folder) => [folder, marksIn(folder)]).filter(([, marks]) => marks);
  const files = [
    ...known.map((file) => [file, markOf(file)]),
    ...marked.flatMap(([, marks]) => marks),
  ];
  return { folders: marked.map(([folder]) => folder), files: Object.fromEntries(files) };
}

// The offset of the first byte that was written since this tool last started the app.
function sinceStart(file, began) {
  if (!began || !file) return 0;
  if (began.files[file]) return writtenSince(file, began.files[file]);
  if (began.folders.includes(path.dirname(file)) || !exists(file)) return 0;
  return fs.statSync(file).birthtimeMs / 1000 < began.at ? sizeNow(file) : 0;
}

function writeReport(title, seen, began) {
  const sections = [title, `health: ${seen.reason}`];
  if (seen.answer) sections.push(`answer: ${JSON.stringify(seen.answer, null, 1)}`);
  sections.push(`processes: ${JSON.stringify(seenWorkers(seen), null, 1)}`);
  for (const file of logFiles(seenWorkers(seen)))
    sections.push(`== ${file}\n${tailSince(file, sinceStart(file, began))}`);
  sections.push(`disk:\n${run(['df', '-h', project]).stdout}`);
  const file = inDeploy('jobs', params.job, 'dossier.txt');
  writeWhole(file, mask(sections.join('\n\n')) + '\n');
  return file;
}

// The last lines of the app's error log that begin an error; stack traces and single brackets are only in the report.
function lastErrors(seen, began, lines = 5) {
  const ends = failedWorkers(seen).map((worker) =>
    tailSince(worker.err_log, sinceStart(worker.err_log, began)),
  );
  const all = textLines(mask([...new Set(ends)].join('\n')));
  const aside = /^[ \t]|^[\]})>;,]+$|^Node\.js v/;
  const begun = all.filter((line) => !aside.test(line));
  return (begun.length ? begun : all).slice(-lines);
}

module.exports = { lastErrors, logMarks, sinceStart, tailSince, writeReport };
