// The apps of the live version.
'use strict';
const { readLive } = require('../../transaction/scripts/journal');
const { namesOf } = require('./apps');
const { listVersion } = require('./pm2');

const liveEntry = () => (readLive() || {}).entry;
const liveNames = () => namesOf(liveEntry());
const listLive = () => listVersion(liveEntry());

module.exports = { listLive, liveNames };
