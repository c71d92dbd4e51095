// Prints an answer, or an event of a program that goes on, as one line of JSON.
'use strict';
const fs = require('fs');
const { secretsIn } = require('../../redaction/scripts/app_secrets');
const { unreadable } = require('./state_file');

// If the answer contains a secret, it also lists the secrets, so that the client redacts them.
function reply(value) {
  const answer = unreadable.size ? { ...value, unreadable: [...unreadable.values()] } : value;
  const text = JSON.stringify(answer);
  const secrets = secretsIn(text);
  fs.writeSync(1, `${secrets.length ? JSON.stringify({ ...answer, secrets }) : text}\n`);
}

module.exports = { reply };
