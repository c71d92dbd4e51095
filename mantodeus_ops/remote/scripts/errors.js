// Refusals with a code and facts, and descriptions of all other errors.
'use strict';
const { causeOf } = require('./limits');

const [FAILED, REFUSED] = [93, 94]; // exit codes of a program

// A refusal by a code of remote/answers/refusals.py, which has the sentence and the hint. `text` is for the log.
function refuse(
  code,
  facts = {},
  text = facts.why || [code.replaceAll('-', ' '), ...Object.values(facts)].join(' '),
) {
  return Object.assign(new Error(text), { refused: true, refusal: code, facts });
}

// The refusal of a program that failed. `output` is redacted already; the client finds the reason in it.
function commandFailed(command, ended, output) {
  const error = refuse(
    'command-failed',
    { command, ended, why: endOf(output) },
    `${command} failed (exit ${ended})`,
  );
  return Object.assign(error, { said: endOf(output) });
}

// The code and facts of an error; `error` is a text for the log.
function explain(error) {
  if (error && error.refused)
    return { error: error.message, code: error.refusal, facts: error.facts, refused: true };
  const [code, facts] = (error && causeOf(error)) || [];
  if (code) return { error: `${facts.why}: ${facts.what}`, code, facts, refused: true };
  return {
    error: String((error && error.stack) || error),
    code: 'program-failed',
    facts: { why: String(error) },
    refused: false,
  };
}

// The reason why a part of an answer is missing: a text for the log, and the refusal for the client's sentence.
function whyNone(error, key = 'error') {
  const { error: text, ...refusal } = explain(error);
  return { [key]: text, refusal };
}

// The last whole lines of a program's output, in which the client finds the reason.
function endOf(output, most = 4000) {
  const cut =
    output.length > most
      ? output.slice(output.indexOf('\n', output.length - most) + 1).slice(-most)
      : output;
  return cut || 'it said nothing';
}

module.exports = { FAILED, REFUSED, commandFailed, endOf, explain, refuse, whyNone };
