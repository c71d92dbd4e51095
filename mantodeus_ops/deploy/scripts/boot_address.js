// Where the boot test asks the staged build: on a free port, or at a socket beside the app's own.
'use strict';
const net = require('net');
const path = require('path');
const { healthUrl, isAsked } = require('../../health/scripts/health_answer');
const { envPairs } = require('../../redaction/scripts/app_secrets');
const { refuse } = require('../../remote/scripts/errors');
const { project } = require('../../remote/scripts/params');

function freePort() {
  return new Promise((done, failed) => {
    const server = net.createServer().on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {net.AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

function onPort(port) {
  const url = new URL(healthUrl());
  url.port = port;
  return url.href;
}

// An app may remove the socket that it finds at its path, which is the live one: it is only started where a variable
// tells it another path.
function atSocket(socket, rest, env, home) {
  const full = path.resolve(project, socket);
  const known = { ...Object.fromEntries(envPairs()), ...env };
  const names = Object.keys(known).filter((name) => path.resolve(project, known[name]) === full);
  if (names.length === 0) throw refuse('boot-socket-fixed', { socket: full });
  const place = path.join(home, 'boot.sock');
  return {
    url: `unix:${place}:${rest}`,
    sets: Object.fromEntries(names.map((name) => [name, place])),
  };
}

// The address to ask, empty for an app without HTTP, and the variables that lead the app there.
async function bootAddress(env, home) {
  const port = String(await freePort());
  if (!isAsked()) return { url: '', sets: { PORT: port } };
  const [, socket, rest] = /^unix:([^:]+):(\/.*)$/s.exec(healthUrl()) || [];
  if (!socket) return { url: onPort(port), sets: { PORT: port } };
  const { url, sets } = atSocket(socket, rest, env, home);
  return { url, sets: { PORT: port, ...sets } };
}

module.exports = { bootAddress };
