// Prints an answer, or an event of a program that goes on, as one line of JSON.
'use strict';
const fs = require('fs');
const { secretsIn } = require('../../redaction/scripts/app_secrets');
const { unreadable } = require('./state_file');

// Where a secret of .env is in it, the answer says that it is one.
function reply(value) {
  const told = unreadable.size ? { ...value, unreadable: [...unreadable.values()] } : value;
  const text = JSON.stringify(told);
  const secrets = secretsIn(text);
  fs.writeSync(1, `${secrets.length ? JSON.stringify({ ...told, secrets }) : text}\n`);
}

module.exports = { reply };
