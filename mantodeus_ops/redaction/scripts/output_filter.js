// What other people's programs print, freed of secrets before it is kept anywhere.
'use strict';
const fs = require('fs');
const net = require('net');
const { spawn } = require('child_process');
const { run } = require('../../remote/scripts/commands');
const { log, unmarked } = require('../../remote/scripts/job_log');
const { inDeploy, params } = require('../../remote/scripts/params');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { trimmed } = require('../../text/whitespace');
const { hiding } = require('./app_secrets');
const { Bounded } = require('./bounded_log');

const QUIET_SECONDS = 0.2; // an ended program has said all by then
const DYING_SECONDS = 5; // for a program whose time is up to end by itself
const DRAIN_SECONDS = 1; // one that it left behind may go on, but is not waited for

const keep = (bytes) => log(unmarked(bytes));

// Reads a pipe to its end, or until the program has ended and all it said was read.
class Filter {
  constructor(source) {
    this.source = source;
    this.stream = hiding().stream();
    this.heard = monotonic();
    this.tail = Buffer.alloc(0); // the end of it, freed of secrets
    this.log = new Bounded(keep);
    this.over = new Promise((done) => (this.done = done));
    source
      .on('data', (chunk) => this.hear(chunk))
      .on('end', () => this.finish())
      .on('error', () => this.finish());
  }

  hear(chunk) {
    this.heard = monotonic();
    this.pass(this.stream.feed(chunk));
  }

  pass(bytes) {
    this.log.add(bytes);
    this.tail = Buffer.concat([this.tail, bytes]).subarray(-4000);
  }

  // What is said next, by any program, is a line by itself.
  finish() {
    this.pass(this.stream.flush());
    if (this.tail.length && this.tail[this.tail.length - 1] !== 10) this.pass(Buffer.from('\n'));
    this.log.end();
    this.source.destroy();
    this.done();
  }

  async ended() {
    const ended = monotonic();
    const waiting = () =>
      monotonic() - Math.max(this.heard, ended) < QUIET_SECONDS &&
      monotonic() - ended < DRAIN_SECONDS;
    const drained = (async () => {
      while (waiting()) await sleep(0.05);
      this.finish();
    })();
    return Promise.race([this.over, drained]);
  }
}

// A pipe and no socket, which a program could not open again by the name of /dev/stderr.
function openPipe() {
  const name = inDeploy('jobs', params.job, `pipe.${process.pid}`);
  const made = run(['mkfifo', '-m', '600', name]);
  if (made.code !== 0) throw new Error(`mkfifo failed: ${trimmed(made.stderr)}`);
  try {
    const reader = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    return [reader, fs.openSync(name, fs.constants.O_WRONLY)];
  } finally {
    fs.unlinkSync(name);
  }
}

// Runs a program whose output goes to the log; what it ends with, null for one that had to be stopped, and what it said.
async function runFiltered(argv, options, seconds) {
  const [reader, writer] = openPipe();
  const filter = new Filter(new net.Socket({ fd: reader, readable: true, writable: false }));
  const child = spawn(argv[0], argv.slice(1), { ...options, stdio: ['ignore', writer, writer] });
  fs.closeSync(writer);
  const late = (signal, after) => setTimeout(() => child.kill(signal), (seconds + after) * 1000);
  const timers = [late('SIGTERM', 0), late('SIGKILL', DYING_SECONDS)];
  const code = await new Promise((done) => child.on('error', () => done(127)).on('exit', done));
  timers.forEach(clearTimeout);
  await filter.ended();
  return { code, said: filter.tail.toString() };
}

module.exports = { Filter, runFiltered };
