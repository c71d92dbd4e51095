// The app's crashes, read from PM2's log, because PM2's counter of restarts includes the requested ones.
'use strict';
const path = require('path');
const { sizeNow, tailOf } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { ageOfProcess } = require('../../remote/scripts/process');
const { isObject, readState } = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');
const { writtenSince } = require('./log_positions');
const { pm2Home } = require('./pm2_daemon');

const LOG_TAIL = 262144;
const CRASH_WINDOW = 600; // seconds for which a crash is reported
const LIFE = new RegExp(
  '^([^ ]*?):? PM2 log: (?:App \\[(.*):(\\w+)\\] (starting|exited)(?:.*code \\[(.*?)\\] via signal \\[(\\w+)\\])?' +
    '|Stopping app:(.*) id:(\\w+)|.*(New PM2 Daemon) started|Script .*(had too many unstable restarts))',
  's',
);
const beganFile = inDeploy('began.json');
const isMark = (one) => isObject(one) && Number.isInteger(one.size);
const areMarks = (files) => isObject(files) && Object.values(files).every(isMark);
const isTimed = (one) => isObject(one) && Number.isFinite(one.at) && Array.isArray(one.folders);
const isBegan = (one) => isTimed(one) && isMark(one.daemon) && areMarks(one.files);
const readBegan = () => readState(beganFile, { is: isBegan });
const daemonLog = () => path.join(pm2Home(), 'pm2.log');

// The lines of PM2's log since this tool last started or stopped the app; earlier ones belong to another start.
function daemonLines() {
  const file = daemonLog();
  const from = writtenSince(file, (readBegan() || {}).daemon);
  const text = tailOf(file, Math.min(LOG_TAIL, Math.max(0, sizeNow(file) - from)));
  return text.split('\n');
}

// Whether PM2 does not restart the app after this exit; the next start is then a requested one.
const isLast = (worker, code) =>
  Boolean(worker) && (!worker.autorestart || worker.stop_codes.includes(Number(code)));

// By worker id: when it was started, and its crashes since its last requested start.
function livesOf(names, workers) {
  const workerOf = (id) => workers.find((worker) => String(worker.id) === id);
  let lives = new Map();
  let ended = null;
  for (const line of daemonLines()) {
    const [found, stamp, app, id, what, code, signal, stopped, stoppedId, daemon, gaveUp] =
      LIFE.exec(line) || [];
    if (!found) continue;
    const at = Date.parse(stamp) / 1000 || 0;
    if (daemon) lives = new Map();
    else if (names.has(stopped)) lives.set(stoppedId, { ends: [], back: 0, asked: true });
    else if (gaveUp && ended) ended.over = true;
    else if (app)
      ended = names.has(app) ? followed(lives, { id, at, code, signal, what }, workerOf(id)) : null;
  }
  return lives;
}

function followed(lives, { id, what, at, code, signal }, worker) {
  const life = lives.get(id) || { ends: [], back: 0 };
  if (what === 'starting') {
    const anew = life.over || life.asked || life.runs; // a running worker is replaced in a reload
    const back = anew || !life.ends.length ? 0 : life.back + 1;
    lives.set(id, { ends: anew ? [] : life.ends, back, began: at, runs: true });
    return null;
  }
  if (life.asked) return null;
  life.runs = false;
  life.ends.push({ id, at, code, signal, lived: life.began ? Math.max(0, at - life.began) : 0 });
  life.over = isLast(worker, code);
  lives.set(id, life);
  return life;
}

// Seconds since a crash, counted from the age of the next process, so that setting the clock changes nothing.
function agoOf(end, worker, life, shift) {
  const age = ageOfProcess(worker.pid);
  if (age && life.began) return age + Math.max(0, life.began - end.at);
  return Math.max(0, now() - (end.at + shift));
}

// The crashes of these workers. The daemon may write its log in another time zone, so the times are shifted.
function crashesOf(workers) {
  const names = new Set(workers.map((worker) => worker.name || params.app));
  const lives = livesOf(names, workers);
  const lifeOf = (worker) => lives.get(String(worker.id)) || { ends: [], back: 0 };
  const known = workers.find((worker) => lifeOf(worker).began && worker.up_since);
  const shift = known ? Math.round((known.up_since - lifeOf(known).began) / 900) * 900 : 0;
  const withAge = (worker, end) => ({ ...end, ago: agoOf(end, worker, lifeOf(worker), shift) });
  const ends = workers.flatMap((worker) => lifeOf(worker).ends.map((end) => withAge(worker, end)));
  const recent = ends
    .filter((end) => end.ago < CRASH_WINDOW)
    .sort((left, right) => right.ago - left.ago);
  const fell = (worker) => lifeOf(worker).ends.slice(-1)[0] || null;
  return { recent, fell, back: Math.max(0, ...workers.map((worker) => lifeOf(worker).back)) };
}

function howEnded({ signal, code }) {
  return signal && signal !== 'SIGINT' && code === '0' ? `signal ${signal}` : `exit code ${code}`;
}

module.exports = { beganFile, crashesOf, daemonLog, howEnded, readBegan };
