// Clocks and waits.
'use strict';
// The time of day in seconds, for records; the clock may be set at any moment.
const now = () => Date.now() / 1000;

// Monotonic seconds for waits and durations, the same for all processes of this boot.
const monotonic = () => Number(process.hrtime.bigint()) / 1e9;
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const A_DAY = 86400;

module.exports = { A_DAY, monotonic, now, sleep };
