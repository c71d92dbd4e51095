// Reloads or starts all apps of a version.
'use strict';
const path = require('path');
const { assignments } = require('../../dotenv/parse');
const { envPairs } = require('../../redaction/scripts/app_secrets');
const { exists, readText } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { savedName } = require('../../transaction/scripts/swap');
const { appsOf, isComplete, missingIn, namesOf } = require('./apps');
const { demand, noteBegin, reloaded } = require('./lifecycle');
const { foreignWorker, heldBy, listEntries, ownWorkers, pm2, pm2In, summary } = require('./pm2');

const NOT_RUNNING = 'is not running';

const statusOf = (entry) => (entry.pm2_env || {}).status;

// The reason why a reload is not enough; empty if it is.
function staleness(app, digest, entries) {
  if (!app.digest || app.digest !== digest) return 'changed';
  if (!entries.every((entry) => statusOf(entry) === 'online')) return NOT_RUNNING;
  const held = shadowing(app, entries);
  return held.length ? `holds ${held.join(', ')}, which .env is to say` : '';
}

// The variables that PM2 holds and .env also sets. dotenv replaces no variable, and a reload keeps PM2's, so they would
// override .env permanently.
function shadowing(app, entries) {
  const own = new Set(app.sets || []);
  const before = savedName(params.run, params.env_place || params.env_file);
  const inEnv = new Set(
    [...envPairs(), ...(exists(before) ? assignments(readText(before)) : [])].map(([name]) => name),
  );
  return [...new Set(entries.flatMap((entry) => Object.keys(heldBy(entry))))].filter(
    (name) => inEnv.has(name) && !own.has(name),
  );
}

// What an app needs: a start, a reload, or nothing. `ran` is the entry by which PM2 may run it now.
function planOf(app, ran, all) {
  const entries = all.filter((entry) => entry.name === app.name);
  const { digest } = appsOf(ran).find(({ name }) => name === app.name) || {};
  const why = staleness(app, digest, entries);
  if (entries.length === 0) return { app, entries, step: 'start', why };
  if (isBetweenRuns(app, entries) && why === NOT_RUNNING) return { app, entries, step: '', why };
  return { app, entries, step: why ? 'start' : 'reload', why };
}

// A job that is started from the new files at its next time.
const isBetweenRuns = (app, entries) =>
  (app.cron || app.autostart === false) && entries.every((entry) => statusOf(entry) === 'stopped');

const idsOf = (entries) => [...new Set(entries.map(({ pm_id: id }) => String(id)))];

// By id, as a name may be a keyword of PM2.
async function deleteApps(entries) {
  if (entries.length > 0) await demand(pm2('delete', ...idsOf(entries)), 'pm2 delete');
}

// PM2 splits the value of --only at commas and spaces. A file with such a name is started without it.
const isSelectable = ({ name }) => !/[, ]/.test(name);

async function startApps(apps, entry) {
  const files = new Set(apps.map((app) => app.file || entry.file));
  for (const file of files) {
    const wanted = apps.filter((app) => (app.file || entry.file) === file);
    const names = [...new Set(wanted.map(({ name }) => name))].join(',');
    const only = wanted.every(isSelectable) ? ['--only', names] : [];
    const env = entry.env && file === entry.file ? ['--env', entry.env] : [];
    // PM2 takes relative paths of an entry from where it is called.
    const cwd = path.join(project, entry.root || '.');
    await demand(pm2In(cwd, 'start', path.resolve(project, file), ...only, ...env), 'pm2 start');
  }
}

async function reloadApp(app, entries) {
  await demand(reloaded(entries.map(summary), app.name), 'pm2 reload');
}

function plansFor(entry, ran, all) {
  const plans = appsOf(entry).map((app) => planOf(app, ran, all));
  const anew = plans.some(({ step }) => step === 'start') && !appsOf(entry).every(isSelectable);
  return anew ? plans.map((plan) => ({ ...plan, step: 'start' })) : plans;
}

// Reloads each app, or deletes and starts it: a reload keeps PM2's script, instances and variables, even if they changed.
// Apps that the entry no longer has are deleted. Those that an incomplete entry does not have are reloaded.
async function restartApps(entry, ran, say) {
  const all = (await listEntries(namesOf(entry, ran))) || [];
  const wanted = namesOf(entry);
  ownWorkers(all.filter(({ name }) => wanted.includes(name)).map(summary));
  const own = all.filter((running) => !foreignWorker([summary(running)]));
  noteBegin(own.map(summary), entry, say);
  const left = missingIn(ran, entry).map((app) => planOf(app, ran, own));
  const plans = plansFor(entry, ran, all);
  const anew = plans.filter(({ step }) => step === 'start');
  for (const { app, why, entries } of anew)
    if (entries.length > 0) say(`PM2's entry for ${app.name} ${why}: starting it anew`);
  if (isComplete(entry)) await deleteApps(left.flatMap(({ entries }) => entries));
  const again = isComplete(entry) ? plans : [...plans, ...left];
  for (const { app, step, entries } of again) if (step === 'reload') await reloadApp(app, entries);
  await deleteApps(anew.flatMap(({ entries }) => entries));
  if (anew.length > 0)
    await startApps(
      anew.map(({ app }) => app),
      entry,
    );
}

module.exports = { restartApps };
