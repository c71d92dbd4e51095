// Runs a program. A program is a module that does nothing when it is loaded, and exports
//
//   async main(params) => answer
//
// `params` is what the program was sent. How main ends decides how the process ends:
//
//   an object         the answer, printed as one line of JSON
//   { exit: code }    the process exits at once, with this code
//   nothing           the process exits with 0 when no work is left
//   an error          exit code 94 of a refusal or a limit of the host (errors.js), else 93
//
// Outside a job the refusal is the answer. A job prints the message into its log, without secrets, and leaves a refusal
// as its result; any other result it leaves by itself (state_file.js).
'use strict';
const { withoutSecrets } = require('../../redaction/scripts/app_secrets');
const { FAILED, REFUSED, explain } = require('./errors');
const { print } = require('./job_log');
const { params } = require('./params');
const { reply } = require('./reply');
const { hasResult, leaveResult } = require('./state_file');

// Of a refusal on a full disk only the message in the log is left.
function leaveRefusal(refusal) {
  try {
    if (!hasResult()) leaveResult({ ...refusal, facts: withoutSecrets(refusal.facts) });
  } catch {
    // the log has the message
  }
}

function fail(error) {
  const { error: message, code, facts, refused } = explain(error);
  if (params.job) {
    print(withoutSecrets(refused ? message : `${message}\n${error}`));
    if (refused) leaveRefusal({ code, facts, refused });
  } else reply({ code, facts, refused });
  process.exit(refused ? REFUSED : FAILED);
}

function finish(answer) {
  if (!answer) return;
  if ('exit' in answer) process.exit(answer.exit);
  reply(answer);
}

const runMain = (main) => Promise.resolve(params).then(main).then(finish, fail);

function failUncaught() {
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}

// The name is the id of a packed module (remote/programs.py), which `require` knows there.
function runProgram(name) {
  failUncaught();
  return runMain(require(name).main);
}

module.exports = { failUncaught, runMain, runProgram };
