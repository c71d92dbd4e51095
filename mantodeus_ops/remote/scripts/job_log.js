// What a job prints into its log: events apart from text.
'use strict';
const { writeAll } = require('./files');
const { causeOf } = require('./limits');
const { monotonic } = require('./time');

// An event in a job's log is a line that this character begins. No other program gets it into the log: what others
// print goes through output_filter.js, and what we say of them through print.
const EVENT = '\x1e';
const unmarked = (bytes) =>
  bytes.includes(EVENT) ? bytes.filter((byte) => byte !== EVENT.charCodeAt(0)) : bytes;
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

// Says how far a long step is, a few times a second.
function meter(step, total = 0) {
  const seen = { progress: step, done: 0, total };
  let last = 0;
  return {
    expect: (bytes) => (seen.total += bytes),
    add(bytes) {
      seen.done += bytes;
      if (monotonic() - last < 0.2) return;
      last = monotonic();
      announce(seen);
    },
  };
}

module.exports = { announce, log, meter, print, unmarked };
