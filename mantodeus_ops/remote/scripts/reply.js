// The answer of a program, or why there is none.
'use strict';
const fs = require('fs');
const { secretsIn } = require('../../redaction/scripts/app_secrets');
const { explain } = require('./errors');
const { exists } = require('./files');
const { print } = require('./job_log');
const { inDeploy, params } = require('./params');
const { unreadable, writeWhole } = require('./state_file');

// Where a secret of .env is in it, the answer says that it is one.
function reply(value) {
  const told = unreadable.size ? { ...value, unreadable: [...unreadable.values()] } : value;
  const text = JSON.stringify(told);
  const secrets = secretsIn(text);
  fs.writeSync(1, `${secrets.length ? JSON.stringify({ ...told, secrets }) : text}\n`);
}

// Of a job it is the result; on a full disk what is printed must do.
function leaveRefusal(refusal) {
  const file = inDeploy('jobs', params.job, 'result.json');
  try {
    if (refusal.refused && !exists(file)) writeWhole(file, JSON.stringify(refusal));
  } catch {
    // what is printed says it too
  }
}

// What an asking end reads is JSON; what is left in a job's log is a sentence for a person.
function fail(error) {
  const { error: message, code, facts, refused } = explain(error);
  if (params.job) {
    print(refused ? message : `${message}\n${error}`);
    leaveRefusal({ code, facts, refused });
  } else reply({ code, facts, refused });
  process.exit(refused ? 94 : 93);
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

module.exports = { fail, reply };
