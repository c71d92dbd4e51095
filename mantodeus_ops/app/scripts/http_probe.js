// One HTTP request, and which process took its connection.
'use strict';
const http = require('http');
const https = require('https');
const net = require('net');
const tls = require('tls');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { pm2Daemon } = require('./pm2_daemon');
const { takerOf } = require('./socket_owner');

const ANSWER_SECONDS = 5;
const portOf = (url) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

// localhost may mean either family, and an app may listen on one of them only.
async function ask(url, kin = null, seconds = ANSWER_SECONDS) {
  const families = new URL(url).hostname === 'localhost' ? [4, 6] : [0];
  let answer;
  for (const one of families) {
    answer = await askOnce(new URL(url), one, kin, seconds);
    if (!answer.refused) break;
  }
  return answer;
}

// One deadline over the whole answer: a server that drips is not healthy. No redirect is followed, no proxy asked.
async function askOnce(url, ipFamily, kin, seconds) {
  const began = monotonic();
  const open = []; // a request that is only let go of would keep node from ending
  const late = Object.assign(new Error(`no whole answer in ${seconds} s`), { late: true });
  let timer;
  const limit = new Promise(
    (_done, failed) => (timer = setTimeout(() => failed(late), seconds * 1000)),
  );
  limit.catch(() => {});
  try {
    const socket = await Promise.race([connected(url, ipFamily, open), limit]);
    const taker = kin ? await Promise.race([taken(socket, kin()), limit]) : {};
    const answer = await Promise.race([answered(url, socket, open), limit]);
    return { seconds: monotonic() - began, ...taker, ...answer };
  } catch (error) {
    const refused = error.code === 'ECONNREFUSED';
    return {
      seconds: monotonic() - began,
      status: 0,
      refused,
      error: refused ? `nothing listens on port ${portOf(url)}` : error.message,
    };
  } finally {
    clearTimeout(timer);
    for (const one of open) one.destroy();
  }
}

function connected(url, ipFamily, open) {
  return new Promise((done, failed) => {
    const socket = net.connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: portOf(url),
      family: ipFamily,
    });
    open.unshift(socket);
    socket.on('error', failed);
    socket.once('connect', () => done(socket));
  });
}

// Before anything is asked: afterwards it may be closed, and without an owner.
async function taken(socket, kin) {
  const began = monotonic();
  for (;;) {
    const taker = takerOf(socket, kin, pm2Daemon());
    const waits =
      taker.nobody ||
      (taker.passing && monotonic() - began < 1) ||
      (taker.unknown && monotonic() - began < 0.1);
    if (!waits || socket.destroyed) return taker;
    await sleep(0.01);
  }
}

function answered(url, socket, open) {
  return new Promise((done, failed) => {
    const secure = url.protocol === 'https:';
    // No agent, not even none: with `agent: false` Node makes one, which opens another connection.
    const wire = () =>
      secure
        ? tls.connect({ socket, servername: net.isIP(url.hostname) ? undefined : url.hostname })
        : socket;
    const options = { headers: { connection: 'close' }, createConnection: wire };
    const request = (secure ? https : http).get(url, options, (response) => {
      const head = [];
      let size = 0;
      response.on('data', (chunk) => {
        size += chunk.length;
        if (size - chunk.length < 65536) head.push(chunk);
      });
      response.on('error', () => failed(new Error('the answer was cut short')));
      response.on('end', () =>
        done(answerOf(response, Buffer.concat(head).toString().slice(0, 65536))),
      );
    });
    open.unshift(request);
    request.on('error', failed);
  });
}

function answerOf(response, body) {
  if (!response.complete) return { status: 0, error: 'the answer was cut short' };
  return {
    status: response.statusCode,
    location: response.headers.location,
    type: response.headers['content-type'] || '',
    body,
  };
}

module.exports = { ANSWER_SECONDS, ask };
