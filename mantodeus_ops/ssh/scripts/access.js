// The modes of paths that other accounts could use: PM2's home and sockets, .env, .ssh, the project and its parents.
'use strict';
const fs = require('fs');
const path = require('path');
const { pm2Home } = require('../../pm2/scripts/pm2_daemon');
const { exists, readText, statOf } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { MOST_NAMED, octal, openOnes } = require('../../remote/scripts/private_files');

const SOCKETS = ['rpc.sock', 'pub.sock'];

// The name of the account; empty if it has none.
function userName() {
  try {
    return require('os').userInfo().username;
  } catch {
    return '';
  }
}

// Whether a group has no other member than this account, as many systems create a group for each account.
function isAlone(gid, user) {
  if (gid === 0) return true;
  const groups = readText('/etc/group')
    .split('\n')
    .map((line) => line.split(':'));
  const [name, , , members = ''] = groups.find(([, , number]) => Number(number) === gid) || [];
  return (
    gid === process.getgid() &&
    name === user &&
    members.split(',').every((member) => !member || member === user)
  );
}

// The folders above a path, and those above the file that it means if there are links on the way.
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
