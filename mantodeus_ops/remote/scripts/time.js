// Clocks and waits.
'use strict';
// What people read; a clock that may be set at any moment.
const now = () => Date.now() / 1000;

// What waits and durations go by: seconds that only go on, the same for all processes of this boot.
const monotonic = () => Number(process.hrtime.bigint()) / 1e9;
const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const A_DAY = 86400;

module.exports = { A_DAY, monotonic, now, sleep };
