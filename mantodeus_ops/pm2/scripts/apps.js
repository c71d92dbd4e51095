// The apps of a version: the one of the inventory, and those that its ecosystem file starts beside it.
'use strict';
const { params } = require('../../remote/scripts/params');
const { isObject } = require('../../remote/scripts/state_file');

const areApps = (apps) =>
  Array.isArray(apps) && apps.every((app) => isObject(app) && typeof app.name === 'string');

// Older versions of this tool recorded only the app of the inventory.
const hasList = (entry) => Boolean(entry) && areApps(entry.apps);

// Whether a running app that the entry does not have is not wanted. What was started by hand is only known of the app.
const isComplete = (entry) => hasList(entry) && (!entry.kept || Boolean(entry.complete));

function onlyApp(entry) {
  const [generated = {}] = (entry.generated || {}).apps || [];
  const sets = entry.sets || Object.keys(generated.env || {});
  return { name: params.app, digest: entry.digest, mode: entry.mode, sets, logs: entry.logs };
}

function appsOf(entry) {
  if (!entry) return [];
  return hasList(entry) ? entry.apps : [onlyApp(entry)];
}

const namesOf = (...entries) => [
  ...new Set(entries.flatMap((entry) => appsOf(entry).map(({ name }) => name))),
];

// The apps of one entry that another one does not have.
function missingIn(entry, other) {
  const names = namesOf(other);
  return appsOf(entry).filter((app) => !names.includes(app.name));
}

// Whether PM2 may show it as stopped: it runs at its times, or once, or when a person starts it.
const mayRest = (app) => Boolean(app.cron) || app.autorestart === false || app.autostart === false;

const entryLogs = (entry) => appsOf(entry).flatMap((app) => app.logs || []);

module.exports = { appsOf, entryLogs, isComplete, mayRest, missingIn, namesOf };
