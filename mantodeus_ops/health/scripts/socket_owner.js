// Finds the process that owns a connection, from the kernel's table of sockets and the open files of processes.
'use strict';
const fs = require('fs');
const path = require('path');
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

// The ports on which these processes listen.
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

// The description of a foreign process in messages.
const withCommand = (pid) =>
  `process ${pid} (${fieldsOf(readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .join(' ')
    .slice(0, 60)})`;
const ofAccount = (uid) => `a process of the account with uid ${uid}`;

// The owner of this connection: a worker's pid; `passing` while PM2's daemon hands it to a worker; `stranger` for a
// foreign process or account; `waiting` before it is accepted; `unknown` if the host hides it.
function takerOf({ localPort, remotePort }, kin, daemon) {
  const row = socketRows().find(
    (entry) => entry.port === remotePort && entry.peer === localPort && !entry.listens,
  );
  if (!row) return { unknown: true };
  return holderOf([row.inode], row.uid, kin, daemon);
}

// The kernel's table of sockets that have a path.
const pathRows = () =>
  readText('/proc/net/unix', '')
    .split('\n')
    .slice(1)
    .map(fieldsOf)
    .filter((field) => field.length > 7)
    .map((field) => ({
      listens: Boolean(parseInt(field[3], 16) & 0x10000),
      inode: field[6],
      place: field.slice(7).join(' '),
    }));

const realPath = (place) => {
  try {
    return path.join(fs.realpathSync(path.dirname(place)), path.basename(place));
  } catch {
    return place;
  }
};

// A socket has the name by which its app bound it: through a link, or relative to its directory.
function isAt(place, full) {
  if (place.startsWith('/')) return place === full || realPath(place) === realPath(full);
  return full.endsWith(`/${path.normalize(place)}`);
}

// The connections to this socket, accepted or waiting.
const acceptedAt = (full) =>
  pathRows()
    .filter((row) => !row.listens && isAt(row.place, full))
    .map((row) => row.inode);

// Like takerOf, for a socket with a path; the connection is one of those that are new.
function takerAt(full, before, kin, daemon) {
  const fresh = acceptedAt(full).filter((inode) => inode === '0' || !before.includes(inode));
  const held = fresh.filter((inode) => inode !== '0');
  if (fresh.length === 0) return { unknown: true };
  if (held.length === 0) return { waiting: true };
  return holderOf(held, uidOf(full), kin, daemon);
}

function uidOf(full) {
  const stat = fs.statSync(full, { throwIfNoEntry: false });
  return stat ? stat.uid : process.getuid();
}

// Where these processes listen, by path.
const pathsOf = (pids) => [
  ...new Set(
    pathRows()
      .filter((row) => row.listens && pids.some((pid) => holds(pid, new Set([row.inode]))))
      .map((row) => row.place),
  ),
];

function holderOf(inodes, uid, kin, daemon) {
  if (inodes.every((inode) => inode === '0')) return { waiting: true };
  const known = [...kin.values()].flat();
  const has = (pid) => holds(pid, new Set(inodes));
  let pid = known.find(has);
  if (!pid && uid !== process.getuid()) return { stranger: ofAccount(uid) };
  pid = pid || [...(daemon ? [daemon] : []), ...everyPid()].find(has);
  if (!pid) return { unknown: true };
  // Map the pid to its worker only now: a worker may have got the connection after its files were read.
  for (const [worker, pids] of kin) if (pids.includes(pid)) return { worker };
  if (pid === daemon) return { passing: true };
  return { stranger: withCommand(pid) };
}

module.exports = {
  acceptedAt,
  family,
  holds,
  ofAccount,
  pathsOf,
  portsOf,
  socketRows,
  takerAt,
  takerOf,
  withCommand,
};
