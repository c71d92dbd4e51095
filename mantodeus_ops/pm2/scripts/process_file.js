// Reads a process file of PM2 (ecosystem.config.js and its like) as PM2 reads it: by PM2's own functions where they
// can be found.
'use strict';
const fs = require('fs');
const path = require('path');
const { cleanEnv, run } = require('../../remote/scripts/commands');
const { endOf, refuse } = require('../../remote/scripts/errors');
const { exists, readText } = require('../../remote/scripts/files');
const { params } = require('../../remote/scripts/params');
const { findPm2 } = require('./pm2');
const { textLines } = require('../../text/whitespace');

const READ_SECONDS = 30;
// The apps come by a pipe of their own, as the file may print. What `node -e` makes global is not there for a file that
// PM2 loads. Of an ES module PM2 takes named exports only. What PM2's
// check of a process file would install or look up for tracing and for other accounts is left out of it.
// eslint-disable-next-line no-restricted-syntax -- JavaScript, to which indentation is nothing
const READER = `
const load = require;
for (const name of ['require', 'module', 'exports', '__filename', '__dirname']) delete globalThis[name];
const fs = load('fs');
const path = load('path');
const { createRequire } = load('module');
const [, file, library] = process.argv;
const Common = library && load(library);
function yaml() {
  const places = [library, path.join(process.cwd(), 'package.json')].filter(Boolean);
  const found = places.map((place) => { try { return createRequire(place)('js-yaml'); } catch { return null; } }).find(Boolean);
  if (!found) throw new Error('YAML cannot be read before PM2 is installed');
  return found;
}
function read() {
  if (Common) return Common.parseConfig(fs.readFileSync(file), file);
  if (/[.]ya?ml/.test(file)) return yaml().load(fs.readFileSync(file, 'utf8'));
  if (/[.]json/.test(file)) return load('vm').runInThisContext('(' + fs.readFileSync(file, 'utf8') + ')');
  return load(file);
}
const config = read() || {};
const isModule = load('util').types.isModuleNamespaceObject(config);
if (isModule && !config.apps && !config.pm2) throw new Error('it is an ES module without an export named apps');
const apps = [].concat(config.apps || config.pm2 || config);
if (Common) {
  const copies = JSON.parse(JSON.stringify(apps));
  copies.forEach((app) => ['trace', 'deep_monitoring', 'cron_restart', 'cron'].forEach((key) => delete app[key]));
  console.log = () => {};
  const checked = Common.verifyConfs(copies);
  if (checked instanceof Error) throw checked;
}
const more = (config.deploy || {})[process.env.OPS_PM2_ENV] || {};
fs.writeSync(3, JSON.stringify({ apps, deploy_env: more.env || {} }));
`;

// The module in which PM2 reads process files; empty where PM2 is started by a program of another kind, or is not there.
function pm2Library() {
  const [program, ...words] = findPm2();
  const named = words.length ? '' : program;
  const places = (process.env.PATH || '').split(':').map((folder) => path.join(folder, 'pm2'));
  for (const place of [named, ...places].filter((one) => one && exists(one))) {
    try {
      const library = path.join(fs.realpathSync(place), '..', '..', 'lib', 'Common.js');
      if (exists(library)) return library;
    } catch {
      // a link that leads nowhere
    }
  }
  return '';
}

const IS_MODULE =
  /ERR_REQUIRE_ESM|Unexpected token '?export|Cannot use import|is an ES module|not extensible|module is not defined in ES module|require is not defined in ES module/;
// What an install or a build may still bring.
const COMES_LATER =
  /MODULE_NOT_FOUND|Cannot find (module|package)|ENOENT|before PM2 is installed|ERR_MODULE/;

// A process file that is an ES module: its syntax has to change, or its name only.
function refuseModule(root, file, why) {
  const text = readText(path.join(root, file));
  const to = file.replace(/\.(config\.)?[cm]?js$/, '.config.cjs');
  const hasLine = (start) => textLines(text).some((line) => start.test(line));
  if (hasLine(/^[ \t]*import\b/)) throw refuse('ecosystem-imports', { file, to, why });
  if (hasLine(/^[ \t]*export\b/))
    throw refuse(to === file ? 'ecosystem-exports' : 'ecosystem-is-module', { file, to, why });
  throw refuse('ecosystem-in-module', { file, to, why });
}

// The apps of a process file below `root`, and the variables that its section `deploy` sets.
function readProcessFile(root, file, { early = false } = {}) {
  const done = run(['node', '-e', READER, path.join(root, file), pm2Library()], {
    cwd: path.join(root, params.root || '.'),
    env: cleanEnv({ OPS_PM2_ENV: params.pm2_env || '' }),
    timeout: READ_SECONDS * 1000,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  if (done.code === 0 && done.more) return JSON.parse(done.more);
  const why = endOf(done.stderr);
  if (early && COMES_LATER.test(why)) return null;
  if (IS_MODULE.test(why)) refuseModule(root, file, why);
  throw refuse('ecosystem-not-loaded', { file, why });
}

module.exports = { pm2Library, readProcessFile };
