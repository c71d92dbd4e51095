// Which of an app's ends nobody asked for, as PM2's own log has it: its counter of restarts counts the wanted ones too. needs: common daemon
'use strict';
const LOG_TAIL = 262144;
const CRASH_WINDOW = 600; // seconds that a person still wants to hear of
const LIFE = /^(\S*?):? PM2 log: (?:App \[(.*):(\w+)\] (starting|exited)(?:.*code \[(.*?)\] via signal \[(\w+)\])?|Stopping app:(.*) id:(\w+)|.*(New PM2 Daemon) started)/;

// By worker: when its life now began, and how the one before ended, if by itself; and all such ends.
function livesOf(name) {
  const ends = [];
  let lives = new Map();
  for (const line of tailOf(path.join(pm2Home(), 'pm2.log'), LOG_TAIL).split('\n')) {
    const [found, stamp, app, id, what, code, signal, stopped, stoppedId, daemon] = LIFE.exec(line) || [];
    if (!found) continue;
    const at = Date.parse(stamp) / 1000 || 0;
    const life = lives.get(id || stoppedId) || {};
    if (daemon) lives = new Map();
    else if (stopped === name) lives.set(stoppedId, { ...life, asked: true });
    else if (app !== name) continue;
    else if (what === 'starting') lives.set(id, { began: at, fell: life.end });
    else if (!life.asked) lives.set(id, { ...life, end: ends[ends.push({ id, at, code, signal, lived: life.began ? at - life.began : 0 }) - 1] });
  }
  return { ends, lives };
}

// What the log says of these workers, in seconds of our own clock: the daemon may live in another time zone.
function crashesOf(workers) {
  const { ends, lives } = livesOf(params.app);
  const known = workers.map((worker) => [worker, lives.get(String(worker.id))]).find(([worker, life]) => life && life.began && worker.up_since);
  const shift = known ? Math.round((known[0].up_since - known[1].began) / 900) * 900 : 0;
  const recent = ends.map((end) => ({ ...end, at: end.at + shift })).filter((end) => now() - end.at < CRASH_WINDOW);
  const fell = (worker) => (lives.get(String(worker.id)) || {}).fell || null;
  return { recent, fell };
}

const howEnded = (end) => (end.signal && end.signal !== 'SIGINT' && end.code === '0' ? `signal ${end.signal}` : `exit code ${end.code}`);
