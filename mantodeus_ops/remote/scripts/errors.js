// Refusals by code and facts, and what any other error was.
'use strict';
const { causeOf } = require('./limits');

const [FAILED, REFUSED] = [93, 94]; // exit codes of a program

// What is wrong, as a code of remote/answers/refusals.py and its facts: the sentence and the hint are made there.
// `said` is what a log holds of it.
function refuse(
  code,
  facts = {},
  said = facts.why || [code.replaceAll('-', ' '), ...Object.values(facts)].join(' '),
) {
  return Object.assign(new Error(said), { refused: true, refusal: code, facts });
}

// Another program of which `said` is the output, already without secrets: the reason in it is found at the other end.
function commandFailed(command, ended, said) {
  const error = refuse(
    'command-failed',
    { command, ended, why: endOf(said) },
    `${command} failed (exit ${ended})`,
  );
  return Object.assign(error, { said: endOf(said) });
}

// What went wrong, not where in this file; `error` is for a log, which holds no sentence of ours.
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

// Of a part of an answer: why there is none. The text is for a log; the other end makes a sentence of the refusal.
function whyNone(error, key = 'error') {
  const { error: text, ...refusal } = explain(error);
  return { [key]: text, refusal };
}

// What a program printed last, in whole lines: the other end finds the reason in it.
function endOf(said, most = 4000) {
  const cut =
    said.length > most ? said.slice(said.indexOf('\n', said.length - most) + 1).slice(-most) : said;
  return cut || 'it said nothing';
}

module.exports = { FAILED, REFUSED, commandFailed, endOf, explain, refuse, whyNone };
