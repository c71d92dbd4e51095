// Answers whether an archive may be uploaded under its name, and how much of it the host has already.
'use strict';
const fs = require('fs');
const path = require('path');
const { disk } = require('../../app/scripts/disk');
const { prepareGround } = require('../../remote/scripts/directories');
const { refuse } = require('../../remote/scripts/errors');
const { exists, removeTree } = require('../../remote/scripts/files');
const { params } = require('../../remote/scripts/params');
const { stateText, writeWhole } = require('../../remote/scripts/state_file');
const { archiveOf, backupDir, readManifest, sha256Of, sizeOf } = require('./manifest');

const partial = path.join(backupDir, `.${params.name}.partial`);
const file = path.join(partial, 'archive.tar.gz');
const wanted = () => JSON.stringify([params.sha256, params.bytes]);

// Whether the archive exists already; refuses a name that is taken by other bytes.
function lies() {
  const archive = archiveOf(params.name);
  if (!exists(archive)) return false;
  if (sizeOf(archive) === params.bytes && sha256Of(archive, params.bytes) === params.sha256)
    return true;
  throw refuse('backup-name-taken', { name: params.name });
}

// The bytes of an interrupted upload of this archive; 0 if they belong to another archive of the same name.
function begun() {
  if (stateText(path.join(partial, 'wanted')) !== wanted() || sizeOf(file) > params.bytes) return 0;
  return Math.max(0, sizeOf(file));
}

function prepare(lying) {
  prepareGround();
  if (begun() === 0) {
    removeTree(partial);
    fs.mkdirSync(partial, { mode: 0o700 });
    writeWhole(path.join(partial, 'wanted'), wanted());
  }
  if (lying && !exists(file)) fs.linkSync(archiveOf(params.name), file);
}

function refuseWithoutRoom(missing) {
  const { free } = disk();
  if (missing > free) throw refuse('disk-too-small', { wanted: missing, free });
}

async function main() {
  const lying = lies();
  const known = lying ? readManifest(params.name) : null;
  const there = Boolean(known) && known.sha256 === params.sha256;
  if (!there && !lying) refuseWithoutRoom(params.bytes - begun());
  if (!there && !params.dry) prepare(lying);
  return { there, have: there || lying ? params.bytes : begun(), file };
}

module.exports = { main };
