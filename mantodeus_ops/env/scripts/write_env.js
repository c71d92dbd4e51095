// Puts a new .env where the one that was read stood, or makes it ready for a commit to do that.
'use strict';
const fs = require('fs');
const path = require('path');
const { refuse } = require('../../remote/scripts/errors');
const { removeTree, syncDirectory } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { reply } = require('../../remote/scripts/reply');
const { writeWhole } = require('../../remote/scripts/state_file');
const { digestOfBytes, fileBytes } = require('./env_file');

const bytes = Buffer.from(params.bytes, 'base64');
const place = path.join(project, params.file);
const present = digestOfBytes(fileBytes(params.file));
const ready = inDeploy('env', params.run, params.file);

// What a run that was cut off left here holds secrets, and is not needed.
function clearReady() {
  removeTree(inDeploy('env'));
}

function writeReady() {
  clearReady();
  fs.mkdirSync(path.dirname(ready), { recursive: true, mode: 0o700 });
  writeWhole(ready, bytes);
}

function main() {
  if (present === digestOfBytes(bytes) && !params.commit) return clearReady(); // told twice over a dropped line
  if (present !== params.was) throw refuse('env-file-changed', { file: params.file });
  try {
    writeReady();
    if (params.commit) return;
    fs.renameSync(ready, place);
    syncDirectory(path.dirname(place));
  } catch (error) {
    clearReady();
    throw error;
  }
  clearReady();
}

main();
reply({ done: true });
