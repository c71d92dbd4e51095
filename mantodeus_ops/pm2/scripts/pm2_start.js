// What PM2 runs for an app of a process file: script, interpreter, words and variables, as PM2 finds them.
'use strict';
const fs = require('fs');
const path = require('path');
const { exists } = require('../../remote/scripts/files');
const { fieldsOf, trimmed } = require('../../text/whitespace');

// PM2's own names of a setting, in the order in which it looks for them.
const NAMES = {
  script: ['script', 'exec', 'cmd', 'command'],
  interpreter: ['exec_interpreter', 'interpreter', 'execInterpreter'],
  node_args: ['node_args', 'interpreter_args', 'interpreterArgs', 'nodeArgs'],
  exec_mode: ['exec_mode', 'execMode'],
  cron: ['cron_restart', 'cron', 'cronRestart'],
};
const BY_EXTENSION = {
  '.js': 'node',
  '.sh': 'bash',
  '.py': 'python',
  '.rb': 'ruby',
  '.php': 'php',
  '.pl': 'perl',
  '.coffee': 'coffee',
  '.ts': 'bun',
  '.tsx': 'bun',
};
const WORD = /[^ \t\r\n"'=]+="[^"]*"|[^ \t\r\n"'=]+='[^']*'|"([^"]*)"|'([^']*)'|[^ \t\r\n]+/g;
const SERVES_FILES = 'serve'; // PM2's own server of static files
const LOOKED_AT_BYTES = 512;

const isSet = (value) => value !== undefined && value !== null && value !== '';
const settingOf = (spec, key) => NAMES[key].map((name) => spec[name]).find(isSet);

function argumentsOf(value) {
  if (Array.isArray(value)) return value.map(String);
  const words = isSet(value) ? String(value).match(WORD) || [] : [];
  return words
    .map((word) => (/^(".*"|'.*')$/s.test(word) ? word.slice(1, -1) : word))
    .filter(trimmed);
}

// The variables of an app; those of the environment that is given to PM2 take precedence.
function variablesOf(spec, name, more = {}) {
  const own = Object.entries(spec.env || {}).map(([key, value]) => [
    key,
    value && typeof value === 'object' ? JSON.stringify(value) : value,
  ]);
  const all = { ...more, ...Object.fromEntries(own), ...(spec[`env_${name}`] || {}) };
  if (spec.port && !isSet((spec.env || {}).PORT)) all.PORT = spec.port;
  const texts = Object.entries(all).filter(([, value]) => isSet(value));
  return Object.fromEntries(texts.map(([key, value]) => [key, String(value)]));
}

function programOnPath(name) {
  const places = (process.env.PATH || '').split(':').map((folder) => path.join(folder, name));
  return places.find((place) => isProgram(place)) || '';
}

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

// As PM2: text is for node, all else is a program.
function isText(file) {
  const buffer = Buffer.alloc(LOOKED_AT_BYTES);
  if (!fs.statSync(file).isFile()) return true;
  const handle = fs.openSync(file, 'r');
  try {
    return !buffer.subarray(0, fs.readSync(handle, buffer, 0, LOOKED_AT_BYTES, 0)).includes(0);
  } finally {
    fs.closeSync(handle);
  }
}

// Where the script is; empty where PM2 would not find it.
function scriptPath(script, cwd) {
  const full = path.resolve(cwd, script);
  return exists(full) && fs.existsSync(full)
    ? full
    : script.includes('/')
      ? ''
      : programOnPath(script);
}

function byNvm(name) {
  const version = name.split('@')[1];
  const home = process.env.NVM_DIR || path.join(process.env.HOME || '', '.nvm');
  const program = path.join(home, 'versions/node', `v${version}`, 'bin/node');
  return exists(program) ? program : 'node';
}

function typescript(args) {
  if (programOnPath('bun')) return { interpreter: 'bun', args };
  const [major, minor] = process.versions.node.split('.').map(Number);
  const native = major > 23 || (major === 22 && minor >= 18) || (major === 23 && minor >= 6);
  const flag = '--experimental-strip-types';
  const isFlagged = !native && !args.includes(flag);
  return { interpreter: 'node', args: isFlagged ? [...args, flag] : args };
}

// The program that runs the script, empty for the script itself, and its own words.
function interpreterOf(spec, file) {
  const named = settingOf(spec, 'interpreter');
  const args = argumentsOf(settingOf(spec, 'node_args'));
  if (named === 'none') return { interpreter: '', args: [] };
  if (named) return { interpreter: /^node@/.test(named) ? byNvm(named) : named, args };
  const usual = BY_EXTENSION[path.extname(file)];
  if (usual === 'bun' && path.extname(file) === '.ts') return typescript(args);
  if (usual === 'python')
    return { interpreter: programOnPath('python') ? 'python' : 'python3', args };
  if (usual) return { interpreter: usual, args };
  return isText(file) ? { interpreter: 'node', args } : { interpreter: '', args: [] };
}

// A script with a space in it is a line for a shell.
const isShellLine = (spec) => fieldsOf(String(settingOf(spec, 'script') || '')).length > 1;

// The words of the process; null where PM2 would not find its script.
function commandOf(spec, cwd) {
  const script = String(settingOf(spec, 'script') || '');
  if (isShellLine(spec)) return ['bash', '-c', script];
  const file = script && scriptPath(script, cwd);
  if (!file) return null;
  const { interpreter, args } = interpreterOf(spec, file);
  return [...(interpreter ? [interpreter, ...args] : []), file, ...argumentsOf(spec.args)];
}

// The name of the file that is missing for the start of this app; empty where there is none.
function missingFor(spec, cwd) {
  const script = String(settingOf(spec, 'script') || '');
  if (!fs.existsSync(cwd)) return cwd;
  if (isShellLine(spec) || script === SERVES_FILES || (script && scriptPath(script, cwd)))
    return '';
  return script ? path.resolve(cwd, script) : 'script';
}

module.exports = { commandOf, missingFor, settingOf, variablesOf, argumentsOf };
