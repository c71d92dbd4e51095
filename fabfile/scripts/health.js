// Is it healthy: an exact 200, from the process that PM2 runs now, which stands still. needs: common process pm2
'use strict';
const http = require('http');
const https = require('https');

const healthUrl = (url = params.health_url) => url.replace(/\{timestamp\}/g, String(Math.floor(now())));

// localhost may mean either family, and an app may listen on one of them only.
async function ask(url, seconds = 5) {
  if (new URL(url).hostname !== 'localhost') return askOnce(url, seconds);
  const answer = await askOnce(url, seconds, 4);
  return answer.refused ? askOnce(url, seconds, 6) : answer;
}

// One deadline over the whole answer: a server that drips is not healthy. No redirect is followed, no proxy asked.
function askOnce(url, seconds, family = 0) {
  return new Promise((done) => {
    const began = now();
    const end = (answer) => {
      clearTimeout(timer);
      done({ seconds: now() - began, ...answer });
    };
    const request = (url.startsWith('https:') ? https : http).get(url, { agent: false, family, headers: { connection: 'close' } }, (response) => {
      const head = [];
      let size = 0;
      response.on('data', (chunk) => {
        size += chunk.length;
        if (size <= 65536) head.push(chunk);
      });
      response.on('error', (error) => end({ status: 0, error: error.message }));
      response.on('end', () => end({ status: response.complete ? response.statusCode : 0, location: response.headers.location, body: Buffer.concat(head).toString().slice(0, 2000), error: response.complete ? '' : 'the answer was cut short' }));
    });
    const timer = setTimeout(() => request.destroy(new Error(`no whole answer in ${seconds} s`)), seconds * 1000);
    request.on('error', (error) => end({ status: 0, refused: error.code === 'ECONNREFUSED', error: error.code === 'ECONNREFUSED' ? `nothing listens on port ${new URL(url).port || 80}` : error.message }));
  });
}

function reason(answer) {
  if (!answer) return 'it was never asked';
  if (answer.error) return answer.error;
  const redirect = answer.location ? ` to ${answer.location}` : '';
  return `it answered ${answer.status}${redirect}: ${answer.body.replace(/\s+/g, ' ').slice(0, 200)}`;
}

function listenerInodes(port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readText(table, '').split('\n').slice(1)) {
      const field = line.trim().split(/\s+/);
      if (field[3] === '0A' && field[1].endsWith(':' + hex)) inodes.add(field[9]);
    }
  }
  return inodes;
}

// Where an app listens that does not listen where it is asked.
function portsOf(pids) {
  const ports = new Map();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readText(table, '').split('\n').slice(1)) {
      const field = line.trim().split(/\s+/);
      if (field[3] === '0A') ports.set(field[9], parseInt(field[1].split(':').pop(), 16));
    }
  }
  return [...ports].filter(([inode]) => pids.some((pid) => holdsOneOf(pid, new Set([inode])))).map(([, port]) => port);
}

function elsewhere(workers, answer) {
  const ports = answer.refused ? portsOf(family(workers.map((worker) => worker.pid))) : [];
  return ports.length ? `, but the app listens on port ${[...new Set(ports)].join(', ')}: PORT and health_url disagree` : '';
}

function holdsOneOf(pid, inodes) {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        const link = fs.readlinkSync(`/proc/${pid}/fd/${fd}`);
        return link.startsWith('socket:[') && inodes.has(link.slice(8, -1));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

function family(pids) {
  const parents = new Map();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readText(`/proc/${name}/stat`, '');
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const all = new Set(pids);
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (all.has(parent) && !all.has(pid)) grown = Boolean(all.add(pid));
    }
  }
  return [...all];
}

// yes, no, or unknown where the host hides it. In cluster mode PM2's daemon listens for its workers.
function ownsPort(workers, url) {
  const port = Number(new URL(url).port) || (url.startsWith('https:') ? 443 : 80);
  const inodes = listenerInodes(port);
  if (inodes.size === 0) return 'unknown';
  const pids = family(workers.map((worker) => worker.pid));
  if (workers.some((worker) => worker.mode === 'cluster_mode')) pids.push(pm2Daemon());
  return pids.some((pid) => holdsOneOf(pid, inodes)) ? 'yes' : 'no';
}

function standing(workers) {
  if (workers.length === 0) return 'PM2 does not run it';
  const down = workers.find((worker) => worker.status !== 'online' || !isAlive(worker.pid));
  return down ? `PM2 says ${down.status}, process ${down.pid || 'none'}${isAlive(down.pid) ? '' : ' is gone'}` : '';
}

async function check(workers) {
  const down = standing(workers);
  if (down) return { healthy: false, reason: down };
  const url = healthUrl();
  const answer = await ask(url);
  if (answer.status !== 200) return { healthy: false, reason: reason(answer) + elsewhere(workers, answer), answer };
  if (ownsPort(workers, url) === 'no') return { healthy: false, reason: `another process answers on its port, not the one that PM2 runs (${workers.map((worker) => worker.pid).join(', ')})`, answer };
  const fell = standing(workers);
  return fell ? { healthy: false, reason: fell, answer } : { healthy: true, reason: '', answer };
}

// Waits for the app to become healthy and to stand still for a while; passes as soon as it does.
async function waitHealthy(list, policy) {
  const deadline = now() + policy.wait + policy.retries * policy.delay;
  let workers = ownWorkers((await list()).workers);
  const restarts = workers.map((worker) => worker.restarts).join();
  let seen = { healthy: false, reason: standing(workers) || 'it was never asked' };
  let since = 0;
  while (now() < deadline || since) {
    seen = await check(workers);
    if (!seen.healthy) since = 0;
    since = seen.healthy && !since ? now() : since;
    if (seen.healthy && stoodLongEnough(workers, since, policy)) return { ...seen, workers };
    if (standing(workers)) {
      await sleep(0.3);
      workers = (await list()).workers;
      const lost = Math.max(0, ...workers.map((worker) => worker.restarts)) - Math.max(0, ...restarts.split(',').map(Number));
      if (workers.some((worker) => worker.status === 'errored' || worker.status === 'stopped') || lost >= 3) {
        return { healthy: false, reason: `it keeps dying at start (${lost} restarts, PM2 says ${workers.map((worker) => worker.status).join(', ')})`, workers, answer: seen.answer };
      }
    }
    await sleep(0.1);
  }
  return { ...seen, workers };
}

const stoodLongEnough = (workers, since, policy) => now() - since >= 0.5 && workers.every((worker) => now() - worker.up_since >= policy.wait);
