// Reads and appends records of this tool, one JSON object per line, whatever the file contains.
'use strict';
const fs = require('fs');
const path = require('path');
const { refuse } = require('./errors');
const { writeAll } = require('./files');
const { withReserve } = require('./limits');
const { project } = require('./params');
const { isObject, isPlain, keepAside, noted, openState, stateText } = require('./state_file');

// The valid records. A line cut by a crash is skipped silently; a complete line that is not a record is reported.
function readRecords(file, is = isObject) {
  const records = [];
  let others = 0;
  for (const line of stateText(file).split('\n')) {
    let record;
    try {
      record = line ? JSON.parse(line) : undefined;
    } catch {
      continue;
    }
    if (is(record) && isPlain(record)) records.push(record);
    else if (line) others += 1;
  }
  if (others)
    noted(
      file,
      `has ${others} ${others === 1 ? 'line that is no record' : 'lines that are no records'}: passed over`,
    );
  return records;
}

// Appends a record; after a cut line, on a new line, so that only the cut one is lost.
const appendRecord = (file, record) => withReserve(() => appendOnce(file, record));

const cannotBeWritten = (file, why) =>
  refuse('state-file-in-the-way', { file, why }, `${file} ${why}: nothing can be written there`);

function openRecords(file) {
  const { O_RDWR, O_APPEND, O_CREAT } = fs.constants;
  try {
    return openState(file, O_RDWR | O_APPEND | O_CREAT);
  } catch (error) {
    if (!error.odd) throw error;
    if (!keepAside(file, error.odd)) throw cannotBeWritten(path.relative(project, file), error.odd);
    return openState(file, O_RDWR | O_APPEND | O_CREAT);
  }
}

function appendOnce(file, record) {
  const handle = openRecords(file);
  if (handle === null)
    throw Object.assign(new Error(`${file}: its directory is gone`), {
      code: 'ENOENT',
      path: file,
    });
  try {
    const { size } = fs.fstatSync(handle);
    const last = Buffer.alloc(1, 10);
    if (size > 0) fs.readSync(handle, last, 0, 1, size - 1);
    writeAll(handle, Buffer.from(`${last[0] === 10 ? '' : '\n'}${JSON.stringify(record)}\n`));
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

module.exports = { appendRecord, readRecords };
