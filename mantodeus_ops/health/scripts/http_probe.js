// Sends one HTTP request and finds the process that accepted its connection.
'use strict';
const http = require('http');
const https = require('https');
const net = require('net');
const path = require('path');
const tls = require('tls');
const { project } = require('../../remote/scripts/params');
const { monotonic, sleep } = require('../../remote/scripts/time');
const { pm2Daemon } = require('../../pm2/scripts/pm2_daemon');
const { acceptedAt, takerAt, takerOf } = require('./socket_owner');

const ANSWER_SECONDS = 5;
const portOf = (url) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

// The host lacks this address family, such as IPv6.
const ABSENT = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EHOSTUNREACH', 'ENETUNREACH'];

// The addresses of a URL: `unix:SOCKET:/PATH` means a socket, localhost has an IPv4 and an IPv6 address.
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

// Tries each address, as an app may listen on one of them only.
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

// One deadline for the whole answer, as a server that sends it slowly is not healthy. No redirects, no proxy.
async function askOnce({ url, at }, kin, seconds, headers) {
  const began = monotonic();
  const open = []; // requests to destroy, as an open one keeps node from exiting
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
    for (const stream of open) stream.destroy();
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

// Finds the process that accepted the connection, before the request: afterwards the socket may be closed already.
async function taken(socket, found) {
  const began = monotonic();
  for (;;) {
    const taker = found();
    const waits =
      taker.waiting ||
      (taker.passing && monotonic() - began < 1) ||
      (taker.unknown && monotonic() - began < 0.1);
    if (!waits || socket.destroyed) return taker;
    await sleep(0.01);
  }
}

function answered(url, socket, open, headers) {
  return new Promise((done, failed) => {
    const secure = url.protocol === 'https:';
    // `agent` must be unset: with `agent: false`, Node creates an agent, which opens another connection.
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
