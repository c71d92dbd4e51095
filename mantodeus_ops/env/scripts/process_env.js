// Records digests of the variables in .env at each start, as PM2 does not know what the running process read.
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

// The digests of all variables; null if .env cannot be read, which must not stop a deploy.
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

// The recorded digests of these workers; null if they were not started by this tool, or restarted by PM2.
function startedWith(workers) {
  const known = readState(startedFile, {
    is: (value) => isObject(value) && Array.isArray(value.pids) && isObject(value.digests),
  });
  return known && workers.length && known.pids.join() === pidsOf(workers).join()
    ? known.digests
    : null;
}

module.exports = { digestsOf, envDigests, noteStarted, startedWith };
