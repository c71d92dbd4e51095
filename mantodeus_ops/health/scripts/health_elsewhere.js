// Where an app answers that the inventory asks at the wrong address, and what would be the right question.
'use strict';
const { standing } = require('./health');
const { askApp, healthUrl, isAsked, isRight } = require('./health_answer');
const { family, portsOf } = require('./socket_owner');

const PATHS = ['/health', '/healthz', '/api/health', '/healthcheck', '/status', '/ping', '/'];
const QUICK_SECONDS = 2;
const MOST_PORTS = 5;
const FORWARDED = ['X-Forwarded-Proto', 'https'];

// It answers, and says that this is not what to ask it.
const isRefusal = ({ status = 0 }) =>
  status >= 300 && status < 500 && ![408, 425, 429].includes(status);

const isTaken = (answer) => Boolean(answer.refused || answer.stranger);

// The same address at another port or path; a socket has neither.
function questionAt(url, port, place) {
  const [, , rest] = /^unix:([^:]+):(\/.*)$/s.exec(url) || [];
  const next = new URL(rest || url, 'http://localhost');
  if (port) next.port = String(port);
  return place ? new URL(place, next).href : next.href;
}

const isOwnAnswer = (answer) => isRight(answer) && !answer.stranger;

// What makes an app answer rightly that listens there: nothing, a path or a header. Null where none of them does.
async function repaired(url, kin) {
  const asked = (one, more = []) => askApp(one, kin, QUICK_SECONDS, more);
  const first = await asked(url);
  if (first.error) return null;
  if (isOwnAnswer(first)) return {};
  if (/^https:/.test(first.location || '') && isOwnAnswer(await asked(url, [FORWARDED])))
    return { forwarded: true };
  for (const place of PATHS)
    if (isOwnAnswer(await asked(questionAt(url, 0, place)))) return { path: place };
  return null;
}

// Whether the app runs, and only the question is wrong.
function misasked(workers, answer) {
  if (!isAsked() || !answer || standing(workers)) return false;
  const pids = () => family(workers.map((worker) => worker.pid));
  return isRefusal(answer) || (isTaken(answer) && portsOf(pids()).length > 0);
}

// What the inventory would have to say: a port, a path, or that the request was forwarded. Null where that is not known.
async function rightQuestion(workers, answer) {
  const kin = new Map(workers.map((worker) => [worker.pid, family([worker.pid])]));
  const url = healthUrl();
  const ports = isTaken(answer) ? portsOf([...kin.values()].flat()).slice(0, MOST_PORTS) : [0];
  if (url.startsWith('unix:') && !isTaken(answer)) return null;
  for (const port of ports) {
    const found = await repaired(questionAt(url, port, ''), () => kin);
    if (found) return { ...found, ...(port && { port }) };
  }
  return ports.length === 1 && ports[0] ? { port: ports[0] } : null;
}

module.exports = { isRefusal, misasked, repaired, rightQuestion };
