// Stops all apps of the live version and records that in the history.
'use strict';
const { masked } = require('../../redaction/scripts/app_secrets');
const { appendRecord } = require('../../remote/scripts/record_file');
const { params } = require('../../remote/scripts/params');
const { now } = require('../../remote/scripts/time');
const { historyFile } = require('../../transaction/scripts/journal');
const { endApp } = require('./lifecycle');
const { liveNames } = require('./live_apps');

async function main({ run, who, from }) {
  await endApp('stop', [...new Set([params.app, ...liveNames()])]);
  appendRecord(historyFile, masked({ at: now(), run, task: 'stop', who, from, status: 'success' }));
}

module.exports = { main };
