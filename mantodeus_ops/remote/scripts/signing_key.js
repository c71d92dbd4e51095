// A key of this account's own: only who can read its files can make, or compare, what is digested with it.
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
  if (!key && params.holds_lock && !exists(file)) return keyed(text); // what lay there was moved
  return crypto
    .createHmac('sha256', key || crypto.randomBytes(32))
    .update(text)
    .digest('hex'); // without a key nothing is ours
}

module.exports = { keyed };
