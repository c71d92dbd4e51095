// One HTTP request, and which process took its connection.
'use strict';
const http = require('http');
const https = require('https');
const net = require('net');
const path = require('path');
const tls = require('tls');
const { project } = require('../../remote/scripts/params');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { pm2Daemon } = require('./pm2_daemon');
const { acceptedAt, takerAt, takerOf } = require('./socket_owner');

const ANSWER_SECONDS = 5;
const portOf = (url) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

// The host has no such address at all, as one without IPv6.
const ABSENT = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EHOSTUNREACH', 'ENETUNREACH'];

// Where a URL leads: `unix:SOCKET:/PATH` to a socket, and localhost to either family.
function targetsOf(url) {
  const [, socket, rest] = /^unix:([^:]+):(\/.*)$/s.exec(url) || [];
  if (socket)
    return [
      { url: new URL(rest, 'http://localhost'), at: { path: path.resolve(project, socket) } },
    ];
  const parsed = new URL(url);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const hosts = host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
  return hosts.map((one) => ({ url: parsed, at: { host: one, port: portOf(parsed) } }));
}

// An app may listen on one family only.
async function ask(url, kin = null, seconds = ANSWER_SECONDS, headers = {}) {
  let first;
  for (const target of targetsOf(url)) {
    const answer = await askOnce(target, kin, seconds, headers);
    if (!answer.refused && !answer.absent) return answer;
    first = first && first.refused ? first : answer;
  }
  return first;
}

const nameOf = ({ path: socket, port }) => (socket ? `the socket ${socket}` : `port ${port}`);

function failureOf(error, at) {
  const refused = error.code === 'ECONNREFUSED' || (Boolean(at.path) && error.code === 'ENOENT');
  return {
    status: 0,
    refused,
    absent: ABSENT.includes(error.code),
    error: refused ? `nothing listens on ${nameOf(at)}` : error.message,
  };
}

// One deadline over the whole answer: a server that drips is not healthy. No redirect is followed, no proxy asked.
async function askOnce({ url, at }, kin, seconds, headers) {
  const began = monotonic();
  const open = []; // a request that is only let go of would keep node from ending
  const late = Object.assign(new Error(`no whole answer in ${seconds} s`), { late: true });
  let timer;
  const limit = new Promise(
    (_done, failed) => (timer = setTimeout(() => failed(late), seconds * 1000)),
  );
  limit.catch(() => {});
  try {
    const before = at.path && kin ? acceptedAt(at.path) : [];
    const socket = await Promise.race([connected(at, open), limit]);
    const found = () =>
      at.path ? takerAt(at.path, before, kin(), pm2Daemon()) : takerOf(socket, kin(), pm2Daemon());
    const taker = kin ? await Promise.race([taken(socket, found), limit]) : {};
    const answer = await Promise.race([answered(url, socket, open, headers), limit]);
    return { seconds: monotonic() - began, ...taker, ...answer };
  } catch (error) {
    return { seconds: monotonic() - began, ...failureOf(error, at) };
  } finally {
    clearTimeout(timer);
    for (const one of open) one.destroy();
  }
}

function connected(at, open) {
  return new Promise((done, failed) => {
    const socket = net.connect(at);
    open.unshift(socket);
    socket.on('error', failed);
    socket.once('connect', () => done(socket));
  });
}

// Before anything is asked: afterwards it may be closed, and without an owner.
async function taken(socket, found) {
  const began = monotonic();
  for (;;) {
    const taker = found();
    const waits =
      taker.nobody ||
      (taker.passing && monotonic() - began < 1) ||
      (taker.unknown && monotonic() - began < 0.1);
    if (!waits || socket.destroyed) return taker;
    await sleep(0.01);
  }
}

function answered(url, socket, open, headers) {
  return new Promise((done, failed) => {
    const secure = url.protocol === 'https:';
    // No agent, not even none: with `agent: false` Node makes one, which opens another connection.
    const wire = () =>
      secure
        ? tls.connect({ socket, servername: net.isIP(url.hostname) ? undefined : url.hostname })
        : socket;
    const options = { headers: { ...headers, connection: 'close' }, createConnection: wire };
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
