// Writes the app's PM2 entry, and starts or reloads the app with it.
'use strict';
const { appsOf, namesOf } = require('../../pm2/scripts/apps');
const { restartApps } = require('../../pm2/scripts/restart_apps');
const { envDigests } = require('../../env/scripts/process_env');
const { params } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { progress, say } = require('./run_steps');
const { demandStart, keepTaken, startFrom } = require('../../pm2/scripts/taken_start');

// A process file that gives the apps of another one other names. PM2 loads it with its own reader as its parent, by
// which it reads a file of any kind.
const renaming = ({ source, names }) =>
  [
    "'use strict';",
    "const fs = require('fs');",
    "const path = require('path');",
    `const file = path.join(__dirname, '..', ${JSON.stringify(source)});`,
    `const names = ${JSON.stringify(names)};`,
    'const reader = module.parent && module.parent.exports.parseConfig;',
    'const config = reader ? reader(fs.readFileSync(file), file) : require(file);',
    'const apps = [].concat(config.apps || config.pm2 || config);',
    "const nameOf = (app) => app.name || path.basename(app.script).replace(/(.)\\.[^.]*$/s, '$1');",
    'const named = (app) => ({ ...app, name: names[nameOf(app)], append_env_to_name: false });',
    'module.exports = { ...config, apps: apps.map(named) };',
    '',
  ].join('\n');

function writeEntry(entry) {
  if (entry.source) writeWhole(entry.file, renaming(entry));
  if (entry.kept) writeWhole(entry.file, JSON.stringify(demandStart(entry), null, 1));
  if (entry.generated) writeWhole(entry.file, JSON.stringify(entry.generated, null, 1));
  return entry;
}

// How PM2 runs the live version: its recorded entry, and apps of the new version that were started by other means.
async function entryNow(live) {
  const known = namesOf(live && live.entry);
  const taken = await keepTaken(namesOf(params.entry).filter((name) => !known.includes(name)));
  if (known.length === 0) return taken && { ...taken, complete: true };
  const others = taken ? taken.apps.map((app) => ({ ...app, ...startFrom(taken.kept) })) : [];
  return { ...live.entry, apps: [...appsOf(live.entry), ...others], complete: true };
}

function restarted(entry, ran) {
  progress.env = envDigests();
  progress.started = true;
  return restartApps(writeEntry(entry), ran, say);
}

module.exports = { entryNow, restarted };
