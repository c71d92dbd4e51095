// Runs other programs with a clean environment; git is run again if it was killed.
'use strict';
const { spawn, spawnSync } = require('child_process');
const { whyNot } = require('./limits');
const { project } = require('./params');

// The environment of the login, without variables that an app could take for its settings.
function cleanEnv(extra = {}) {
  const kept = {};
  for (const name of [
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'PATH',
    'LANG',
    'LC_ALL',
    'TZ',
    'PM2_HOME',
    'TMPDIR',
  ]) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return { ...kept, ...extra };
}

// Whether git was killed, as when memory is exhausted. All git commands here may be repeated, and their answer is needed.
const wasKilled = (argv, signal) => Boolean(signal) && argv[0] === 'git';

function runOnce(argv, options) {
  return spawnSync(argv[0], argv.slice(1), {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
}

function run(argv, options = {}) {
  let done = runOnce(argv, options);
  if (!done.error && wasKilled(argv, done.signal)) done = runOnce(argv, options);
  if (done.error) return { code: 127, stdout: '', stderr: whyNot(done.error) };
  return {
    code: done.status === null ? 128 : done.status,
    stdout: done.stdout,
    stderr: done.stderr,
    more: done.output[3],
  };
}

async function runAsync(argv, options = {}) {
  const done = await runAsyncOnce(argv, options);
  return wasKilled(argv, done.signal) && !done.late ? runAsyncOnce(argv, options) : done;
}

function runAsyncOnce(argv, options) {
  return new Promise((done) => {
    const { timeout = 60, ...rest } = options;
    const child = spawn(argv[0], argv.slice(1), {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...rest,
    });
    const out = [];
    const err = [];
    let late = false;
    const timer = setTimeout(() => (late = child.kill('SIGKILL')), timeout * 1000);
    if (child.stdout) child.stdout.on('data', (chunk) => out.push(chunk)); // missing if the limit on open files is reached
    if (child.stderr) child.stderr.on('data', (chunk) => err.push(chunk));
    const end = (code, message = '', signal = null) => {
      clearTimeout(timer);
      done({
        code,
        signal,
        late,
        stdout: Buffer.concat(out).toString(),
        stderr: message || Buffer.concat(err).toString(),
      });
    };
    child.on('error', (error) => end(127, whyNot(error)));
    child.on('close', (code, signal) => end(code === null ? 128 : code, '', signal));
  });
}

module.exports = { cleanEnv, run, runAsync };
