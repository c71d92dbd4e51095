// Finds the real .env: it may be a link to a file inside of the app, not outside.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { exists } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');

function envPlace(file = params.env_file) {
  const named = path.join(project, file);
  const stat = exists(named) ? fs.lstatSync(named) : null;
  if (!stat || !stat.isSymbolicLink()) return { file, link: '' };
  const [home, real] = [fs.realpathSync(project), linkEnd(named)];
  const inside = real && real.startsWith(`${home}/`);
  return {
    file: inside ? path.relative(home, real) : file,
    link: inside ? 'inside' : real ? 'outside' : 'broken',
  };
}

function linkEnd(named) {
  try {
    return fs.realpathSync(named);
  } catch {
    return '';
  }
}

// The bytes of a plain file; none otherwise, as a directory cannot be read and a pipe may never end.
function fileBytes(file) {
  const named = path.join(project, file);
  return fs.existsSync(named) && fs.statSync(named).isFile()
    ? fs.readFileSync(named)
    : Buffer.alloc(0);
}

const digestOfBytes = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

module.exports = { digestOfBytes, envPlace, fileBytes };
