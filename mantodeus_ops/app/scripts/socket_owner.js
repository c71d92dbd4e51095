// Whose a connection is: the kernel's table of sockets, and who holds which of them.
'use strict';
const fs = require('fs');
const { readText } = require('../../remote/scripts/files');
const { everyPid } = require('../../remote/scripts/process');
const { fieldsOf } = require('../../text/whitespace');

function socketRows() {
  const rows = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readText(table, '').split('\n').slice(1)) {
      const field = fieldsOf(line);
      if (field.length > 9)
        rows.push({
          port: portIn(field[1]),
          peer: portIn(field[2]),
          listens: field[3] === '0A',
          uid: Number(field[7]),
          inode: field[9],
        });
    }
  }
  return rows;
}

const portIn = (address) => parseInt(address.slice(address.lastIndexOf(':') + 1), 16);

function holds(pid, inodes) {
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
  for (const pid of everyPid()) {
    const stat = readText(`/proc/${pid}/stat`, '');
    if (stat) parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
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

// Where these processes listen.
function portsOf(pids) {
  const rows = socketRows().filter((row) => row.listens);
  return [
    ...new Set(
      rows
        .filter((row) => pids.some((pid) => holds(pid, new Set([row.inode]))))
        .map((row) => row.port),
    ),
  ];
}

// What is said of a stranger.
const withCommand = (pid) =>
  `process ${pid} (${fieldsOf(readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .join(' ')
    .slice(0, 60)})`;
const ofAccount = (uid) => `a process of the account with uid ${uid}`;

// Who took this connection: a worker's pid, `passing` while it is on its way to one, another's account or process,
// nobody yet, or unknown where the host hides it.
function takerOf({ localPort, remotePort }, kin, daemon) {
  const row = socketRows().find(
    (one) => one.port === remotePort && one.peer === localPort && !one.listens,
  );
  if (!row) return { unknown: true };
  if (row.inode === '0') return { nobody: true };
  const known = [...kin.values()].flat();
  const has = (pid) => holds(pid, new Set([row.inode]));
  let pid = known.find(has);
  if (!pid && row.uid !== process.getuid()) return { stranger: ofAccount(row.uid) };
  pid = pid || [...(daemon ? [daemon] : []), ...everyPid()].find(has);
  if (!pid) return { unknown: true };
  // Only now who that is: it may have come to a worker after that one was looked at.
  for (const [worker, pids] of kin) if (pids.includes(pid)) return { worker };
  if (pid === daemon) return { passing: true };
  return { stranger: withCommand(pid) };
}

module.exports = { family, holds, ofAccount, portsOf, socketRows, takerOf, withCommand };
