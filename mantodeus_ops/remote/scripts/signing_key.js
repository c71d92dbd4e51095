// Digests text with a key that only this account can read.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const { exists } = require('./files');
const { deployDir, inDeploy, params } = require('./params');
const { stateText, writeWhole } = require('./state_file');

function keyed(text) {
  const file = inDeploy('key');
  if (!exists(file)) {
    fs.mkdirSync(deployDir, { recursive: true, mode: 0o700 });
    writeWhole(file, crypto.randomBytes(32).toString('hex'));
  }
  const key = stateText(file);
  if (!key && params.holds_lock && !exists(file)) return keyed(text); // an unreadable key was moved aside
  return crypto
    .createHmac('sha256', key || crypto.randomBytes(32))
    .update(text)
    .digest('hex'); // a random key: no digest matches
}

module.exports = { keyed };
