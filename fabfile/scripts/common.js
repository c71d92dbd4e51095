// What every program on the host stands on: its parameters, its answer, files that survive a crash. needs: blanks state rights cause
'use strict';
const fs = require('fs');
const path = require('path');
const crypto = require('crypto');
const net = require('net');
const { spawn, spawnSync } = require('child_process');

const params = JSON.parse(fs.readFileSync(process.env.OPS_PARAMS_FD ? Number(process.env.OPS_PARAMS_FD) : 3, 'utf8').split('\n', 1)[0]);
const project = params.project_dir;
const deployDir = path.join(project, '.deploy');
const inDeploy = (...names) => path.join(deployDir, ...names);

process.umask(0o077);

// Where a secret of .env is in it, the answer says that it is one.
function reply(value) {
  const told = unreadable.size ? { ...value, unreadable: [...unreadable.values()] } : value;
  const text = JSON.stringify(told);
  const secrets = secretsIn(text);
  fs.writeSync(1, `${secrets.length ? JSON.stringify({ ...told, secrets }) : text}\n`);
}

// An event in a job's log is a line that this character begins. No other program gets it into the log: what others
// print goes through piped.js, and what we say of them through print.
const EVENT = '\x1e';
const unmarked = (bytes) => (bytes.includes(EVENT) ? bytes.filter((byte) => byte !== EVENT.charCodeAt(0)) : bytes);
const announce = (event) => log(Buffer.from(`${EVENT}${JSON.stringify(event)}\n`));
const print = (line) => log(unmarked(Buffer.from(`${line}\n`)));

// A disk that is full for what is said must not end what is done.
function log(bytes) {
  try {
    writeAll(1, bytes);
  } catch (error) {
    if (!causeOf(error)) throw error;
  }
}

// What is wrong, as a code of pure/host_codes.py and its facts: the sentence and the hint are made there.
// `said` is what a log holds of it.
function refuse(code, facts = {}, said = facts.why || [code.replaceAll('-', ' '), ...Object.values(facts)].join(' ')) {
  return Object.assign(new Error(said), { refused: true, refusal: code, facts });
}

// On a full disk the reserve gives way: what makes room, and what goes back, can still be written down.
function withReserve(work) {
  try {
    return work();
  } catch (error) {
    const reserve = inDeploy('reserve');
    if (!isFull(error) || !exists(reserve)) throw error;
    fs.rmSync(reserve);
    return work();
  }
}

// Another program of which `said` is the output, already without secrets: the reason in it is found at the other end.
function commandFailed(command, ended, said) {
  const error = refuse('command-failed', { command, ended, why: endOf(said) }, `${command} failed (exit ${ended})`);
  return Object.assign(error, { said: endOf(said) });
}

// What went wrong, not where in this file; `error` is for a log, which holds no sentence of ours.
function explain(error) {
  if (error && error.refused) return { error: error.message, code: error.refusal, facts: error.facts, refused: true };
  const [code, facts] = (error && causeOf(error)) || [];
  if (code) return { error: `${facts.why}: ${facts.what}`, code, facts, refused: true };
  return { error: String((error && error.stack) || error), code: 'program-failed', facts: { why: String(error) }, refused: false };
}

// Of a part of an answer: why there is none. The text is for a log; the other end makes a sentence of the refusal.
function whyNone(error, key = 'error') {
  const { error: text, ...refusal } = explain(error);
  return { [key]: text, refusal };
}

// What a program printed last, in whole lines: the other end finds the reason in it.
function endOf(said, most = 4000) {
  const cut = said.length > most ? said.slice(said.indexOf('\n', said.length - most) + 1).slice(-most) : said;
  return cut || 'it said nothing';
}

// Of a job it is the result; on a full disk what is printed must do.
function leaveRefusal(refusal) {
  const file = inDeploy('jobs', params.job, 'result.json');
  try {
    if (refusal.refused && !exists(file)) writeWhole(file, JSON.stringify(refusal));
  } catch {
    // what is printed says it too
  }
}

// What an asking end reads is JSON; what is left in a job's log is a sentence for a person.
function fail(error) {
  const { error: message, code, facts, refused } = explain(error);
  if (params.job) {
    print(refused ? message : `${message}\n${error}`);
    leaveRefusal({ code, facts, refused });
  } else reply({ code, facts, refused });
  process.exit(refused ? 94 : 93);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

function readText(file, otherwise = '') {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ESRCH'].includes(error.code)) return otherwise; // ESRCH: a process that ended while it was read
    throw error;
  }
}

function readJson(file, otherwise = null) {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) return otherwise;
    throw error;
  }
}

function syncDirectory(directory) {
  const handle = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

// A full disk may take a part and say so only at the next write.
function writeAll(handle, bytes) {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(handle, bytes, at, bytes.length - at);
}

// A directory in its place gives way to a file of ours.
function moveOver(temporary, file) {
  try {
    fs.renameSync(temporary, file);
  } catch (error) {
    if (error.code !== 'EISDIR' || !file.startsWith(`${deployDir}/`) || !keepAside(file, 'is a directory, not a file')) throw error;
    fs.renameSync(temporary, file);
  }
}

// Old or new, never half: temporary name beside it, on the disk before the rename, the rename on the disk too.
function writeWhole(file, text) {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = fs.openSync(temporary, 'w', 0o600);
  try {
    writeAll(handle, Buffer.from(text));
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
  moveOver(temporary, file);
  syncDirectory(path.dirname(file));
}

// What people read; a clock that may be set at any moment.
const now = () => Date.now() / 1000;
// What waits and durations go by: seconds that only go on, the same for all processes of this boot.
const monotonic = () => Number(process.hrtime.bigint()) / 1e9;
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const exists = (file) => {
  try {
    fs.lstatSync(file);
    return true;
  } catch {
    return false;
  }
};

// Null for what is not there, and for a link to nothing.
function statOf(file) {
  try {
    return fs.statSync(file);
  } catch {
    return null;
  }
}

const onPath = (name) => process.env.PATH.split(':').some((directory) => directory && exists(path.join(directory, name)));
const LOCKFILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];

const sizeNow = (file) => (exists(file) ? fs.statSync(file).size : 0);

const A_DAY = 86400;

// By a clock that may have been set back: what lies ahead of it is new, and what lies days ahead says nothing.
function ageOf(file) {
  const age = now() - fs.statSync(file).mtimeMs / 1000;
  return age < -A_DAY ? Infinity : Math.max(0, age);
}

// Empty where there is no file.
function digestOf(file) {
  try {
    return crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

// The bytes of a file from one place to another, as far as there are any.
function bytesBetween(file, from, to) {
  const handle = fs.openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, to - from));
    return buffer.subarray(0, fs.readSync(handle, buffer, 0, buffer.length, from));
  } finally {
    fs.closeSync(handle);
  }
}

function tailOf(file, most) {
  if (!file || !exists(file)) return '';
  const size = sizeNow(file);
  return bytesBetween(file, size - Math.min(size, most), size).toString();
}

// The environment of the login and nothing an app could mistake for its own settings.
function cleanEnv(extra = {}) {
  const kept = {};
  for (const name of ['HOME', 'USER', 'LOGNAME', 'SHELL', 'PATH', 'LANG', 'LC_ALL', 'TZ', 'PM2_HOME', 'TMPDIR']) {
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  }
  return { ...kept, ...extra };
}

// Where memory runs out git is killed like any process; all that we ask of it may be asked twice, and a guess may not be made.
const wasKilled = (argv, signal) => Boolean(signal) && argv[0] === 'git';

function runOnce(argv, options) {
  return spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28, cwd: project, stdio: ['ignore', 'pipe', 'pipe'], ...options });
}

function run(argv, options = {}) {
  let done = runOnce(argv, options);
  if (!done.error && wasKilled(argv, done.signal)) done = runOnce(argv, options);
  if (done.error) return { code: 127, stdout: '', stderr: whyNot(done.error) };
  return { code: done.status === null ? 128 : done.status, stdout: done.stdout, stderr: done.stderr, more: done.output[3] };
}

async function runAsync(argv, options = {}) {
  const done = await runAsyncOnce(argv, options);
  return wasKilled(argv, done.signal) && !done.late ? runAsyncOnce(argv, options) : done;
}

function runAsyncOnce(argv, options) {
  return new Promise((done) => {
    const { timeout = 60, ...rest } = options;
    const child = spawn(argv[0], argv.slice(1), { cwd: project, stdio: ['ignore', 'pipe', 'pipe'], ...rest });
    const out = [];
    const err = [];
    let late = false;
    const timer = setTimeout(() => (late = child.kill('SIGKILL')), timeout * 1000);
    if (child.stdout) child.stdout.on('data', (chunk) => out.push(chunk)); // there are none where no file can be opened
    if (child.stderr) child.stderr.on('data', (chunk) => err.push(chunk));
    const end = (code, message = '', signal = null) => {
      clearTimeout(timer);
      done({ code, signal, late, stdout: Buffer.concat(out).toString(), stderr: message || Buffer.concat(err).toString() });
    };
    child.on('error', (error) => end(127, whyNot(error)));
    child.on('close', (code, signal) => end(code === null ? 128 : code, '', signal));
  });
}
