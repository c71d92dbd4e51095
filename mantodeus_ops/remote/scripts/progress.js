// Tells how far a long step is, a few times a second.
'use strict';
const { announce } = require('./job_log');
const { monotonic } = require('./time');

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

module.exports = { meter };
