// Talks to PM2's daemon over its socket: without a second node process, without banners, and without starting a daemon.
'use strict';
const fs = require('fs');
const net = require('net');
const path = require('path');
const { refuse } = require('../../remote/scripts/errors');
const { readText } = require('../../remote/scripts/files');
const { ageOfProcess, isAlive } = require('../../remote/scripts/process');
const { sleep } = require('../../remote/scripts/time');
const { trimmed } = require('../../text/whitespace');

const DAEMON_SECONDS = 5;

const pm2Home = () => process.env.PM2_HOME || path.join(process.env.HOME || '', '.pm2');

// The daemon's pid, or 0. The pm2 command is not used for this, as it would start a daemon.
function pm2Daemon() {
  const pid = Number(trimmed(readText(path.join(pm2Home(), 'pm2.pid')))) || 0;
  return isAlive(pid) && readText(`/proc/${pid}/cmdline`, 'PM2').includes('PM2') ? pid : 0;
}

// The node that runs the daemon, and with it each app of a cluster; empty where that cannot be known.
function daemonProgram() {
  const pid = pm2Daemon();
  try {
    const program = pid ? fs.readlinkSync(`/proc/${pid}/exe`) : '';
    return fs.existsSync(program) ? program : '';
  } catch {
    return '';
  }
}

// Encodes a message: a byte with version and number of parts, then each part after its length.
function packed(parts) {
  const pieces = [Buffer.from([0x10 | parts.length])];
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    pieces.push(length, Buffer.from(part));
  }
  return Buffer.concat(pieces);
}

// The first part of the first message; undefined while it is incomplete.
function firstPart(bytes) {
  if (bytes.length < 5) return undefined;
  const end = 5 + bytes.readUInt32BE(1);
  return bytes.length < end ? undefined : bytes.subarray(5, end).toString();
}

// Calls a method of the daemon. The error has `deaf` if the daemon does not answer at all.
function callDaemon(method, argument, seconds = DAEMON_SECONDS) {
  return new Promise((done, failed) => {
    const socket = net.connect(path.join(pm2Home(), 'rpc.sock'));
    const chunks = [];
    const end = (settle, value) => {
      clearTimeout(timer);
      socket.destroy();
      settle(value);
    };
    const timer = setTimeout(
      () => end(failed, Object.assign(new Error('no answer'), { deaf: true })),
      seconds * 1000,
    );
    socket.on('error', (error) => end(failed, Object.assign(error, { deaf: true })));
    socket.on('close', () => end(failed, new Error('it hung up')));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const part = firstPart(Buffer.concat(chunks));
      if (part !== undefined) end(done, part);
    });
    socket.write(
      packed([`j:${JSON.stringify({ type: 'call', method, args: [argument] })}`, 's:ops:0']),
    );
  }).then((part) => JSON.parse(part.replace(/^j:/, '')));
}

// All processes of PM2 from the daemon; null if its protocol is unknown.
async function askDaemon(pid) {
  try {
    const { args } = await callDaemon('getMonitorData', {});
    return Array.isArray(args) && Array.isArray(args[0]) ? args[0] : null;
  } catch (error) {
    if (error.code && isAlive(pid) && ageOfProcess(pid) < DAEMON_SECONDS)
      return sleep(0.2).then(() => askDaemon(pid)); // it is just starting
    if (error.deaf) throw refuse('pm2-silent', { pid });
    return null;
  }
}

module.exports = { askDaemon, callDaemon, daemonProgram, pm2Daemon, pm2Home };
