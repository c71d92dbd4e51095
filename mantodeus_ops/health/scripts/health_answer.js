// Which request asks the app for its health, and which answer is the right one.
'use strict';
const { params } = require('../../remote/scripts/params');
const { now } = require('../../remote/scripts/time');
const { fieldsOf } = require('../../text/whitespace');
const { ANSWER_SECONDS, ask } = require('./http_probe');

// An app without HTTP has no address.
const isAsked = () => Boolean(params.health_url);

const healthUrl = (url = params.health_url) =>
  url.replace(/\{timestamp\}/g, String(Math.floor(now())));

// A request as the app expects it, such as one that a proxy has forwarded.
const askApp = (url, kin = null, seconds = ANSWER_SECONDS, more = []) =>
  ask(url, kin, seconds, Object.fromEntries([...(params.health.headers || []), ...more]));

const hasKey = (tree, key) => Object.prototype.hasOwnProperty.call(tree, key);

// The value at a dotted path. A key may hold dots, too.
function valueAt(tree, place) {
  if (tree === null || typeof tree !== 'object') return undefined;
  if (hasKey(tree, place)) return tree[place];
  const keys = place.split('.');
  for (let count = keys.length - 1; count > 0; count--) {
    const first = keys.slice(0, count).join('.');
    if (hasKey(tree, first)) return valueAt(tree[first], keys.slice(count).join('.'));
  }
  return undefined;
}

const shownValue = (value) =>
  value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);

function jsonProblem(body, wanted) {
  if (!wanted.length) return '';
  let tree;
  try {
    tree = JSON.parse(body);
  } catch {
    return ', but its body is not JSON';
  }
  const wrong = wanted.find(([place, value]) => valueAt(tree, place) !== value);
  if (!wrong) return '';
  const [place, value] = wrong;
  return `, but ${place} is ${shownValue(valueAt(tree, place))}, not ${shownValue(value)}`;
}

// What is wrong with the body of a 200; empty where nothing is.
function bodyProblem(body) {
  const { body: rule, json = [] } = params.health;
  if (rule && !new RegExp(rule).test(body)) return `, but not with ${rule}`;
  return jsonProblem(body, json);
}

const isRight = (answer) =>
  Boolean(answer) && answer.status === 200 && bodyProblem(answer.body) === '';

// Of a page for browsers, its text.
function readableText({ type = '', body }) {
  const isPage = /html/.test(type) || /^[ \t\r\n]*<(!doctype|html)\b/i.test(body);
  const text = isPage
    ? body.replace(/<(script|style|title)\b[^]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
    : body;
  return fieldsOf(text).join(' ').slice(0, 200) || 'an empty body';
}

function reasonOf(answer) {
  if (!answer) return 'it was never asked';
  if (answer.error) return answer.error;
  const redirect = answer.location ? ` to ${answer.location}` : '';
  const problem = answer.status === 200 ? bodyProblem(answer.body) : '';
  return `it answered ${answer.status}${redirect}${problem}: ${readableText(answer)}`;
}

module.exports = { askApp, healthUrl, isAsked, isRight, reasonOf };
