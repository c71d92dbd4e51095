// Redacts the output of foreign programs before it is stored.
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

const QUIET_SECONDS = 0.2; // without output after the program ended: nothing more is expected
const DYING_SECONDS = 5; // between SIGTERM and SIGKILL at the time limit
const DRAIN_SECONDS = 1; // a background program may keep the pipe open; it is not waited for longer

const keep = (bytes) => log(unmarked(bytes));

// Reads a pipe to its end, or until the program has ended and its output was read.
class Filter {
  constructor(source) {
    this.source = source;
    this.stream = hiding().stream();
    this.heard = monotonic();
    this.tail = Buffer.alloc(0); // the end of the redacted output
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

  // Ends the last line, so that the next output begins a new one.
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

// A named pipe, as programs cannot open a socket again as /dev/stderr.
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

// Runs a program with its output in the log. Returns its exit code (null if it was stopped) and the end of its output.
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
