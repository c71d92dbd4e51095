// How PM2 starts an app that a person had started by hand. It may hold secrets: it is kept in a private file
// and in the manifests of the backups of that version, and everything else knows it by its digest.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { appsOf } = require('./apps');
const { takenOver } = require('./taken_over');
const { backups } = require('../../backup/scripts/manifest');
const { refuse } = require('../../remote/scripts/errors');
const { namesIn } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');
const { isKept } = require('../../transaction/scripts/journal');

const STARTED = path.join('.deploy', 'app.json');
const startFile = (digest) => inDeploy('started', `${digest}.json`);
const isStart = (value) => isObject(value) && Array.isArray(value.apps);
const digestOfStart = (start) =>
  crypto.createHash('sha256').update(JSON.stringify(start)).digest('hex');

function entryOfStart(start) {
  const digest = digestOfStart(start);
  const apps = start.apps.map(({ name, env, exec_mode: mode = '', autorestart, ...one }) => ({
    name,
    digest: `taken over ${digest}`,
    mode: mode.includes('cluster') ? 'cluster' : 'fork',
    sets: Object.keys(env),
    logs: [],
    cron: Boolean(one.cron_restart),
    autorestart: ![false, 'false'].includes(autorestart),
  }));
  const [{ sets, mode }] = apps;
  return { file: STARTED, kept: digest, digest: `taken over ${digest}`, sets, mode, apps };
}

// The entry of these apps as they run now, after what it takes to start them again is kept; null where PM2 has none.
async function keepTaken(names = [params.app]) {
  const start = await takenOver(names);
  if (start.apps.length === 0) return null;
  const entry = entryOfStart(start);
  fs.mkdirSync(inDeploy('started'), { recursive: true, mode: 0o700 });
  writeWhole(startFile(entry.kept), JSON.stringify(start));
  return entry;
}

// How one of these apps is started beside those of another entry.
const startFrom = (kept) => ({ kept, file: path.join('.deploy', 'started', `${kept}.json`) });

// What PM2 starts it with: from its own file, or from a backup of that version. Null where neither has it.
function startOf(entry) {
  const kept = readState(startFile(entry.kept), { is: isStart });
  if (kept) return kept;
  const found = backups().map((one) => one.start);
  return found.find((start) => isStart(start) && digestOfStart(start) === entry.kept) || null;
}

function demandStart(entry) {
  const start = startOf(entry);
  if (!start) throw refuse('start-not-kept');
  return start;
}

// Removes those that no version that is kept was started by.
function tidyTaken(live) {
  const aside = namesIn(inDeploy('previous')).map((name) =>
    readState(inDeploy('previous', name, 'state.json'), { is: isKept }),
  );
  const entries = [live, ...backups().map((one) => one.live), ...aside].map(
    (one) => (one || {}).entry,
  );
  const started = entries.flatMap((entry) => [entry || {}, ...appsOf(entry)]);
  const wanted = new Set(started.map(({ kept }) => `${kept}.json`));
  for (const name of namesIn(inDeploy('started')))
    if (!wanted.has(name)) fs.rmSync(inDeploy('started', name), { force: true });
}

module.exports = { demandStart, keepTaken, startFrom, startOf, tidyTaken };
