// Stops the app and records that in the history.
'use strict';
const { masked } = require('../../redaction/scripts/app_secrets');
const { appendRecord } = require('../../remote/scripts/record_file');
const { now } = require('../../remote/scripts/time');
const { historyFile } = require('../../transaction/scripts/journal');
const { endApp } = require('./lifecycle');

async function main({ run, who, from }) {
  await endApp('stop');
  appendRecord(historyFile, masked({ at: now(), run, task: 'stop', who, from, status: 'success' }));
}

module.exports = { main };
