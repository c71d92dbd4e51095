// The modes of what other accounts could use: PM2's home and sockets, the project and the folders above it.
'use strict';
const fs = require('fs');
const path = require('path');
const { pm2Home } = require('../../app/scripts/pm2_daemon');
const { exists, readText, statOf } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { MOST_NAMED, octal, openOnes } = require('../../remote/scripts/private_files');

const SOCKETS = ['rpc.sock', 'pub.sock'];

// An account may have no name.
function userName() {
  try {
    return require('os').userInfo().username;
  } catch {
    return '';
  }
}

// Many systems give each account a group of its own name, with no other member.
function isAlone(gid, user) {
  if (gid === 0) return true;
  const groups = readText('/etc/group')
    .split('\n')
    .map((one) => one.split(':'));
  const [name, , , members = ''] = groups.find(([, , number]) => Number(number) === gid) || [];
  return (
    gid === process.getgid() &&
    name === user &&
    members.split(',').every((one) => !one || one === user)
  );
}

// Through links too: the folders by which a name leads to its place, and those in which that place is.
function foldersAbove(file) {
  const found = new Set();
  for (const start of [file, fs.realpathSync(file)]) {
    for (let place = start; ; place = path.dirname(place)) {
      found.add(place);
      if (place === path.dirname(place)) break;
    }
  }
  return [...found];
}

function accessFacts() {
  const [pm2, home, user] = [pm2Home(), process.env.HOME || '/', userName()];
  const places = [
    ['pm2', pm2],
    ...SOCKETS.map((name) => ['socket', path.join(pm2, name)]),
    ['env', path.join(project, params.env_file)],
    ['ssh', path.join(home, '.ssh')],
    ['ssh', path.join(home, '.ssh', 'authorized_keys')],
    ...[...new Set([project, home].filter(exists).flatMap(foldersAbove))].map((folder) => [
      'folder',
      folder,
    ]),
    ...openOnes()
      .slice(0, MOST_NAMED)
      .map(({ file }) => ['ours', file]),
  ];
  return places
    .map(([what, file]) => ({ what, path: file, stat: statOf(file) }))
    .filter(({ stat }) => stat)
    .map(({ what, path: place, stat }) => ({
      what,
      path: place,
      mode: octal(stat),
      alone: isAlone(stat.gid, user),
    }));
}

module.exports = { accessFacts };
