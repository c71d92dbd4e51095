// Facts about .env, its example file, and the values that the running process has.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { ourGit } = require('../../git/scripts/git');
const { liveNames } = require('../../pm2/scripts/live_apps');
const { heldBy, listEntries, summary } = require('../../pm2/scripts/pm2');
const { parseDotenv } = require('../../dotenv/parse');
const { whyNone } = require('../../remote/scripts/errors');
const { exists, readText } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { probe } = require('./database_probe');
const { digestOfBytes, envPlace, fileBytes } = require('./env_file');
const { digestsOf, startedWith } = require('./process_env');

const says = (...words) => ourGit(words).code === 0;

function fileFacts(place, bytes) {
  const there = fs.existsSync(path.join(project, place.file));
  const facts = {
    present: there,
    ...place,
    bytes: bytes.toString('base64'),
    digest: digestOfBytes(bytes),
  };
  if (!there) return facts;
  const stat = fs.statSync(path.join(project, place.file));
  const inGit = params.probe && exists(path.join(project, '.git')); // git is run for a check only
  return {
    ...facts,
    regular: stat.isFile(),
    mode: (stat.mode & 0o777).toString(8),
    mine: stat.uid === os.userInfo().uid,
    tracked: inGit && says('ls-files', '--error-unmatch', '--', `:(literal)${params.env_file}`),
    ignored: !inGit || says('check-ignore', '-q', '--', params.env_file),
    changed_at: Math.max(stat.ctimeMs, stat.mtimeMs) / 1000,
  };
}

// Variables that PM2 holds override .env, as dotenv replaces none that is set.
function heldByPm2(entries, variables) {
  const held = {};
  for (const [name, value] of entries.flatMap((entry) => Object.entries(heldBy(entry)))) {
    if (variables.has(name))
      held[name] =
        String(value) === variables.get(name) && held[name] !== 'other' ? 'same' : 'other';
  }
  return held;
}

function compared(digests, variables) {
  const present = digestsOf(variables);
  const names = new Set([...Object.keys(present), ...Object.keys(digests)]);
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      !digests[name]
        ? 'new'
        : !present[name]
          ? 'gone'
          : present[name] === digests[name]
            ? 'same'
            : 'changed',
    ]),
  );
}

async function processFacts(file, variables) {
  const all = (await listEntries([params.app, ...liveNames()])) || [];
  const entries = all.filter(({ name }) => name === params.app);
  const online = entries.map(summary).filter((worker) => worker.status === 'online');
  const digests = startedWith(online);
  const since = Math.min(...online.map((worker) => worker.since));
  return {
    running: online.length > 0,
    fresh: online.length > 0 && file.present && since > file.changed_at,
    started: digests && compared(digests, variables),
    pm2: heldByPm2(all, variables),
  };
}

async function main() {
  const place = envPlace();
  const bytes = fileBytes(place.file);
  const variables = parseDotenv(bytes.toString());
  const file = fileFacts(place, bytes);
  const example = exists(path.join(project, params.env_example))
    ? readText(path.join(project, params.env_example))
    : null;
  const running = await processFacts(file, variables).catch((error) => ({
    running: false,
    fresh: false,
    started: null,
    pm2: {},
    ...whyNone(error),
  }));
  const probes = params.probe ? await probe(variables) : null;
  return { file, example, process: running, probes };
}

module.exports = { main };
