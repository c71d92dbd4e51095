// Writes the log of a job: text and events.
'use strict';
const { writeAll } = require('./files');
const { causeOf } = require('./limits');
const { monotonic } = require('./time');

// An event in the log is a line that begins with this character. Only this module writes it: output of other programs
// goes through output_filter.js, and text about them through print; both remove it.
const EVENT = '\x1e';
const unmarked = (bytes) =>
  bytes.includes(EVENT) ? bytes.filter((byte) => byte !== EVENT.charCodeAt(0)) : bytes;
const announce = (event) => log(Buffer.from(`${EVENT}${JSON.stringify(event)}\n`));
const print = (line) => log(unmarked(Buffer.from(`${line}\n`)));

// Writes to the log; a full disk must not end the work.
function log(bytes) {
  try {
    writeAll(1, bytes);
  } catch (error) {
    if (!causeOf(error)) throw error;
  }
}

// Reports the progress of a long step, at most five times a second.
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
