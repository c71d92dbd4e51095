// Replaces .env by new bytes, if it is still the file that was read; or prepares the file for an activation.
'use strict';
const fs = require('fs');
const path = require('path');
const { refuse } = require('../../remote/scripts/errors');
const { removeTree, syncDirectory } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { digestOfBytes, fileBytes } = require('./env_file');

const place = path.join(project, params.file);
const ready = inDeploy('env', params.run, params.file);

// Removes files of an interrupted run, which hold secrets.
function clearReady() {
  removeTree(inDeploy('env'));
}

function writeReady(bytes) {
  clearReady();
  fs.mkdirSync(path.dirname(ready), { recursive: true, mode: 0o700 });
  writeWhole(ready, bytes);
}

function write(bytes) {
  try {
    writeReady(bytes);
    if (params.commit) return;
    fs.renameSync(ready, place);
    syncDirectory(path.dirname(place));
  } catch (error) {
    clearReady();
    throw error;
  }
  clearReady();
}

async function main() {
  const bytes = Buffer.from(params.bytes, 'base64');
  const present = digestOfBytes(fileBytes(params.file));
  const isRepeated = present === digestOfBytes(bytes) && !params.commit; // after a dropped connection
  if (!isRepeated && present !== params.was)
    throw refuse('env-file-changed', { file: params.file });
  if (isRepeated) clearReady();
  else write(bytes);
  return { done: true };
}

module.exports = { main };
