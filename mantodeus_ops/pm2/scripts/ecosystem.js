// The ecosystem entry with which PM2 is to start the staged build, read the way PM2 reads it.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const { refuse } = require('../../remote/scripts/errors');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { commandOf, missingFor, settingOf, variablesOf } = require('./pm2_start');
const { readProcessFile } = require('./process_file');
const { stagePath } = require('../../app/scripts/stage_directory');

const stageRoot = stagePath();
const root = params.root || '.'; // where PM2 is started, below the clone's top
const RENAMING = path.join('.deploy', 'ecosystem.config.cjs');

// The name of an app of the process file in PM2.
function nameInPm2(spec, count) {
  const suffix = spec.append_env_to_name && params.pm2_env ? `-${params.pm2_env}` : '';
  const name = `${nameInFile(spec)}${suffix}`;
  if (!params.pm2_name) return name;
  if (count > 1 && !params.pm2_name.includes('{name}'))
    throw refuse('pm2-name-for-several', { name: params.pm2_name, count });
  return params.pm2_name.replaceAll('{name}', name);
}

// PM2 names an app without a name after its script.
const nameInFile = (spec) =>
  spec.name ||
  path.basename(String(settingOf(spec, 'script') || 'undefined')).replace(/(.)\.[^.]*$/s, '$1');

/** @type {(file: string) => Record<string, any>} */
function fromFile(file) {
  const { apps, deploy_env: more } = readProcessFile(stageRoot, file);
  const specs = apps.map((spec) => ({ ...spec, name: nameInPm2(spec, apps.length) }));
  const mine = specs.filter((spec) => spec.name === params.app);
  if (mine.length !== 1)
    throw refuse('ecosystem-app-missing', {
      file,
      count: String(mine.length || 'none'),
      names: specs.map((spec) => spec.name).join(', ') || 'none',
    });
  return { specs, spec: mine[0], more, entry: { ...fileOf(file, apps, specs), ...envOf(specs) } };
}

// The file itself, or one of this tool that gives the same apps other names. PM2's --only knows an app by its name
// without the environment that PM2 then appends.
function fileOf(file, apps, specs) {
  if (!params.pm2_name && !apps.some((spec) => spec.append_env_to_name)) return { file };
  const names = Object.fromEntries(apps.map((spec, at) => [nameInFile(spec), specs[at].name]));
  return { file: RENAMING, source: file, names };
}

// What is given to PM2 as --env, where the file has something for it.
function envOf(specs) {
  const name = params.pm2_env;
  const isUsed = specs.some((spec) => spec[`env_${name}`] || spec.append_env_to_name);
  return name && isUsed ? { env: name } : {};
}

// A path without its extension is what node would load for it; PM2 would not find it.
function resolvedByNode(script) {
  const folder = path.join(stageRoot, root);
  try {
    return path.relative(folder, createRequire(`${folder}/`).resolve(path.resolve(folder, script)));
  } catch {
    return script;
  }
}

/** @type {(spec: any) => Record<string, any>} */
function fromCommand(spec) {
  const byNode = spec.interpreter === 'node' && spec.script;
  const named = {
    ...spec,
    ...(byNode && { script: resolvedByNode(spec.script) }),
    name: params.app,
  };
  return {
    specs: [named],
    spec: named,
    more: {},
    entry: {
      file: path.join('.deploy', 'app.json'),
      generated: { apps: [{ ...named, cwd: path.join(project, root) }] },
    },
  };
}

const isInProject = (name) => name === project || name.startsWith(`${project}/`);
const inStage = (text) =>
  typeof text === 'string' && isInProject(text) ? stageRoot + text.slice(project.length) : text;

// The file may contain absolute paths of the live directory; what runs in the stage must use those of the stage.
function stagedSpec(spec) {
  const listed = (value) => (Array.isArray(value) ? value.map(inStage) : inStage(value));
  const moved = ['script', 'exec', 'interpreter', 'exec_interpreter', 'args', 'node_args'];
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [key, moved.includes(key) ? listed(value) : value]),
  );
}

const stagedFolder = (spec) => path.resolve(stageRoot, root, inStage(spec.cwd || '.'));

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
  const text = JSON.stringify(specs) + (params.root || '');
  const whole = [stageRoot, inDeploy('staging')].reduce(
    (all, place) => all.split(place).join(project),
    text,
  );
  return crypto.createHash('sha256').update(whole).digest('hex');
}

const modeOf = (spec) =>
  /cluster/.test(settingOf(spec, 'exec_mode') || '') ||
  Number(spec.instances) > 1 ||
  spec.instances === 'max'
    ? 'cluster'
    : 'fork';

function logsOf(spec) {
  const named = LOG_KEYS.map((key) => spec[key]).filter((file) => typeof file === 'string' && file);
  return named.map((file) => path.resolve(project, root, spec.cwd || '.', file));
}

// How one app of the entry is started. Only the names of its variables, as the values may be secrets.
const appOf = (spec, more, env) => ({
  name: spec.name,
  digest: digestOfSpecs(env ? [spec, env, more] : spec),
  mode: modeOf(spec),
  sets: Object.keys(variablesOf(spec, params.pm2_env, more)),
  logs: logsOf(spec),
  cron: Boolean(settingOf(spec, 'cron')),
  autorestart: ![false, 'false'].includes(spec.autorestart),
  autostart: ![false, 'false'].includes(spec.autostart),
});

// The apps of the entry, and the one that is asked for its health. Its digest covers all of them.
function stagedEntry() {
  const found = params.ecosystem ? fromFile(params.ecosystem) : fromCommand(params.spec);
  const { specs, spec, more } = found;
  const start = found.entry.env ? [specs, found.entry.env, more] : specs;
  const { name, cron, autorestart, autostart, logs, ...own } = appOf(spec, more, found.entry.env);
  /** @type {Record<string, any>} */
  const entry = {
    ...found.entry,
    ...own,
    digest: digestOfSpecs(specs.length === 1 && start === specs ? spec : start),
    ...(logs.length && { logs }),
    ...(params.root && { root: params.root }),
    apps: specs.map((one) => appOf(one, more, found.entry.env)),
  };
  return { specs, spec, more, entry };
}

// The files that PM2 would not find, each with the app that it is the start of.
function missingScripts(specs) {
  const found = specs.map((spec) => ({
    app: spec.name,
    script: missingFor(stagedSpec(spec), stagedFolder(spec)),
  }));
  return found
    .filter(({ script }) => script)
    .map(({ app, script }) => ({ app, script: path.relative(stageRoot, script) || script }));
}

// The script of an app as a path in the stage; empty for what lies elsewhere, such as npm.
function scriptInStage(spec) {
  const script = String(settingOf(spec, 'script') || '');
  const name = path.relative(stageRoot, path.resolve(stagedFolder(spec), inStage(script)));
  return name.startsWith('..') || !fs.existsSync(path.join(stageRoot, name)) ? '' : name;
}

// The entry that the boot test runs. Its variables may be secrets, so it is never written to a file.
function bootEntry() {
  const { spec, more, entry } = stagedEntry();
  const [missing] = missingScripts([spec]);
  if (missing)
    throw refuse('start-script-missing', { app: missing.app, script: missing.script, made: '' });
  const cwd = stagedFolder(spec);
  return {
    argv: commandOf(stagedSpec(spec), cwd),
    cwd,
    env: { [spec.instance_var || 'NODE_APP_INSTANCE']: '0', ...variablesOf(spec, entry.env, more) },
    mode: entry.mode,
  };
}

module.exports = { bootEntry, missingScripts, scriptInStage, stagedEntry, stageRoot };
