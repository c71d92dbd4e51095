// The entry by which PM2 is to start the staged build, read the way PM2 reads it.
'use strict';
const crypto = require('crypto');
const path = require('path');
const { cleanEnv, run } = require('../../remote/scripts/commands');
const { stagePath } = require('./stage_directory');
const { endOf, refuse } = require('../../remote/scripts/errors');
const { inDeploy, params, project } = require('../../remote/scripts/params');

const staging = stagePath();
// eslint-disable-next-line no-restricted-syntax -- JavaScript, to which indentation is nothing
const LOADER = `
const file = process.argv[1];
let loaded = /\\.json$/.test(file) ? JSON.parse(require('fs').readFileSync(file, 'utf8')) : require(file);
if (!loaded.apps && !Array.isArray(loaded) && loaded.default) throw new Error('it is an ES module: PM2 needs module.exports, in a file named .cjs');
const apps = loaded.apps || (Array.isArray(loaded) ? loaded : [loaded]);
require('fs').writeSync(3, JSON.stringify(apps));
`;

function load(file) {
  // What the file prints is its own; the entries come by a pipe beside that.
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe'];
  const done = run(['node', '-e', LOADER, path.join(staging, file)], {
    cwd: staging,
    env: cleanEnv(),
    timeout: 20000,
    stdio,
  });
  if (done.code === 0 && done.more) return JSON.parse(done.more);
  const module =
    /ERR_REQUIRE_ESM|Unexpected token '?export|Cannot use import|is an ES module|module is not defined in ES module/.test(
      done.stderr,
    );
  throw refuse(module ? 'ecosystem-is-module' : 'ecosystem-not-loaded', {
    file,
    why: endOf(done.stderr),
  });
}

function fromFile(file) {
  const apps = load(file);
  const mine = apps.filter((entry) => entry.name === params.app);
  if (mine.length !== 1)
    throw refuse('ecosystem-app-missing', {
      file,
      count: String(mine.length || 'none'),
      names: apps.map((entry) => entry.name).join(', ') || 'none',
    });
  return { specs: apps, spec: mine[0], entry: { file } };
}

function fromCommand(spec) {
  const named = { ...spec, name: params.app };
  return {
    specs: [named],
    spec,
    entry: {
      file: path.join('.deploy', 'app.json'),
      generated: { apps: [{ ...named, cwd: project }] },
    },
  };
}

// The file may name the live directory by its full name: the boot test must run the staged one.
function staged(name) {
  const full = path.resolve(staging, name);
  return full.startsWith(staging)
    ? full
    : full === project || full.startsWith(`${project}/`)
      ? staging + full.slice(project.length)
      : full;
}

const LOG_KEYS = [
  'error_file',
  'err_file',
  'out_file',
  'error',
  'err',
  'output',
  'out',
  'log_file',
  'log',
];

function digestOfSpecs(specs) {
  const text = JSON.stringify(specs);
  const whole = [staging, inDeploy('staging')].reduce(
    (all, place) => all.split(place).join(project),
    text,
  );
  return crypto.createHash('sha256').update(whole).digest('hex');
}

const modeOf = (spec) =>
  /cluster/.test(spec.exec_mode || '') || Number(spec.instances) > 1 || spec.instances === 'max'
    ? 'cluster'
    : 'fork';

function logsOf(spec) {
  const named = LOG_KEYS.map((key) => spec[key]).filter((file) => typeof file === 'string' && file);
  return named.map((file) => path.resolve(project, spec.cwd || '.', file));
}

// How one app of the entry is started; of its variables only the names, as the values may be secrets.
const appOf = (spec) => ({
  name: spec.name,
  digest: digestOfSpecs(spec),
  mode: modeOf(spec),
  sets: Object.keys(spec.env || {}),
  logs: logsOf(spec),
  cron: Boolean(spec.cron_restart || spec.cron),
  autorestart: ![false, 'false'].includes(spec.autorestart),
});

// The apps of the entry, and the one that is asked for its health. Its digest covers all of them.
function stagedEntry() {
  const { specs, spec, entry } = params.ecosystem
    ? fromFile(params.ecosystem)
    : fromCommand(params.spec);
  entry.digest = digestOfSpecs(specs.length === 1 ? spec : specs);
  entry.mode = modeOf(spec);
  entry.sets = Object.keys(spec.env || {});
  entry.apps = specs.map(appOf);
  const logs = logsOf(spec);
  if (logs.length) entry.logs = logs;
  return { specs, spec, entry };
}

// What the boot test runs; its variables may be secrets, so it is made where it is used and written nowhere.
function bootEntry() {
  const { spec } = stagedEntry();
  const cwd = staged(spec.cwd || '.');
  const { args, node_args: nodeArgs, env = {}, interpreter = spec.exec_interpreter } = spec;
  return {
    script: staged(path.resolve(cwd, spec.script || '')),
    args,
    interpreter,
    node_args: nodeArgs,
    cwd,
    env,
  };
}

module.exports = { bootEntry, stagedEntry, staging };
