// Who a process is: its number and when it began, which together no other process ever has.
'use strict';
const bootId = () => readText('/proc/sys/kernel/random/boot_id', '').trim();

function startedAt(pid) {
  const stat = readText(`/proc/${pid}/stat`, '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat && fields[0] !== 'Z' ? fields[19] : ''; // a zombie is dead, only not buried yet
}

function isAlive(pid, started) {
  if (!pid) return false;
  const seen = startedAt(pid);
  return Boolean(seen) && (started === undefined || String(started) === seen);
}

// What somebody who was killed was about to write.
function sweepTemporary(directory) {
  for (const name of exists(directory) ? fs.readdirSync(directory) : []) {
    const writer = name.match(/\.(\d+)\.tmp$/);
    if (writer && !isAlive(Number(writer[1]))) fs.rmSync(path.join(directory, name), { force: true });
  }
}

function readJobs() {
  let names = [];
  try {
    names = fs.readdirSync(inDeploy('jobs'));
  } catch {
    return [];
  }
  return names.sort().map((id) => {
    const [pid, started] = stateText(inDeploy('jobs', id, 'pid')).trim().split(' ');
    const ended = exists(inDeploy('jobs', id, 'rc'));
    return { id, pid: Number(pid) || 0, started, ended, alive: !ended && isAlive(Number(pid), started) };
  });
}

function isOurs(pid) {
  try {
    return fs.statSync(`/proc/${pid}`).uid === process.getuid();
  } catch {
    return false; // it is gone
  }
}

const everyPid = () => fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);

// Whether a process is at work in a directory, or below it; not one that is gone, nor somebody else's.
function worksIn(pid, directory) {
  try {
    const there = fs.readlinkSync(`/proc/${pid}/cwd`);
    return there === directory || there.startsWith(`${directory}/`);
  } catch {
    return false;
  }
}

const liveJobs = () => readJobs().filter((job) => job.alive);
