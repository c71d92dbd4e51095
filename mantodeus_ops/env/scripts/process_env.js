// What the process that runs now read from .env when it began, by keyed digest: PM2 cannot tell.
'use strict';
const path = require('path');
const { parseDotenv } = require('../../dotenv/parse');
const { keyed } = require('../../remote/scripts/signing_key');
const { readText } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');

const startedFile = inDeploy('started.json');

const readDotenv = (file) => parseDotenv(readText(path.join(project, file)));
const digestsOf = (variables) =>
  Object.fromEntries(
    [...variables].map(([name, value]) => [name, keyed(`env\0${name}\0${value}`)]),
  );

// To know this is worth nothing to a deploy that cannot read the file: the app says so itself.
function envDigests() {
  try {
    return digestsOf(readDotenv(params.env_file));
  } catch {
    return null;
  }
}

const pidsOf = (workers) => workers.map((worker) => worker.pid).sort();

function noteStarted(digests, workers) {
  if (digests && workers)
    writeWhole(startedFile, JSON.stringify({ pids: pidsOf(workers), digests }));
}

// Null where others started the process, or PM2 did by itself: then only the age of the file can tell.
function startedWith(workers) {
  const known = readState(startedFile, {
    is: (one) => isObject(one) && Array.isArray(one.pids) && isObject(one.digests),
  });
  return known && workers.length && known.pids.join() === pidsOf(workers).join()
    ? known.digests
    : null;
}

module.exports = { digestsOf, envDigests, noteStarted, startedWith };
