// Checks a rollback target and finds the source of each part.
'use strict';
const fs = require('fs');
const path = require('path');
const { disk } = require('../../app/scripts/disk');
const { ourGit } = require('../../git/scripts/git');
const { explain, refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { openArchive, readPart } = require('./extract');
const { madeHere, readManifest } = require('./manifest');
const { printOf } = require('./tar_writer');

const PLENTY = 2 ** 50;
const kept = params.previous ? inDeploy('previous', params.previous) : '';

// The source of a part: unchanged, moved aside by the last change (if its files are still those), or the archive.
function sourceOf(name, manifest) {
  if (params.same.includes(name) && ourGit(['ls-files', '--', `:(literal)${name}`]).stdout === '')
    return 'same';
  const part = manifest && manifest.parts.find((one) => one.path === name);
  if (!kept || !exists(path.join(kept, name))) return 'restore';
  return !part || printOf(kept, name).weak === part.weak
    ? `previous/${params.previous}`
    : 'restore';
}

function readable(manifest) {
  try {
    fs.closeSync(openArchive(manifest));
    return {};
  } catch (error) {
    return explain(error);
  }
}

// The text of .env in the backup; null if it cannot be read, as damage is reported when the backup is unpacked.
async function envText(manifest) {
  const part = manifest && manifest.parts.find((one) => one.path === params.env_file);
  if (!part || !Number.isInteger(part.offset)) return null;
  return readPart(manifest, part, '').catch(() => null);
}

function wantedManifest() {
  const manifest = params.name ? readManifest(params.name) : null;
  if (params.name && !manifest) throw refuse('backup-not-found', { name: params.name });
  return manifest;
}

// What was recorded of the version; of one that this tool did not stage, what lay under the usual names.
function recordedOf({ live, made }) {
  if (!made || (live && live.made)) return live || null;
  return { ...live, made };
}

async function main() {
  const manifest = wantedManifest();
  const names = manifest ? manifest.paths : params.names;
  const sources = Object.fromEntries(names.map((name) => [name, sourceOf(name, manifest)]));
  const wanted = names.filter((name) => sources[name] === 'restore');
  const parts = manifest ? manifest.parts.filter((one) => wanted.includes(one.path)) : [];
  const seen = manifest && wanted.length ? readable(manifest) : {};
  const sum = (key) => parts.reduce((total, one) => total + one[key], 0);
  const { free, inodes_free: inodes } = disk();
  return {
    sources,
    archive: seen.error || '',
    refusal: seen.code ? seen : null,
    live: manifest ? recordedOf(manifest) : null,
    made_here: manifest ? madeHere(manifest) : true,
    env: await envText(manifest),
    revision_known:
      /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(params.revision) &&
      ourGit(['cat-file', '-e', `${params.revision}^{commit}`]).code === 0,
    bytes: sum('plain'),
    entries: sum('entries'),
    free,
    inodes: inodes < 0 ? PLENTY : inodes,
  };
}

module.exports = { main };
