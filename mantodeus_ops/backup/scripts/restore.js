// Unpacks a backup beside the live app, and verifies it while reading.
'use strict';
const fs = require('fs');
const { archivePlaces } = require('../../app/scripts/made_files');
const { run } = require('../../remote/scripts/commands');
const { refuse } = require('../../remote/scripts/errors');
const { meter, print } = require('../../remote/scripts/job_log');
const { inDeploy, params } = require('../../remote/scripts/params');
const { sweep } = require('../../transaction/scripts/swap');
const { proveBytes, readPart, readWhole } = require('./extract');
const { markDamaged, readManifest } = require('./manifest');
const { inside } = require('./extract_rules');

const fresh = inDeploy('restore');
const done = meter('restore');

const wantedParts = (manifest) => manifest.parts.filter((one) => params.wanted.includes(one.path));

// Unpacks the whole archive, or each wanted part alone after the digest of the archive was verified.
async function unpack(manifest) {
  if (!params.wanted.every((name) => inside(name, archivePlaces())))
    throw refuse('archive-unsafe', { why: 'it holds what does not belong to this app' });
  const known = params.wanted.every((name) =>
    manifest.parts.some(
      (part) => part.path === name && Number.isInteger(part.offset) && part.sha256,
    ),
  );
  const alone = known && params.wanted.length < manifest.paths.length;
  done.expect(
    alone ? wantedParts(manifest).reduce((sum, one) => sum + one.plain, 0) : manifest.plain_bytes,
  );
  if (!alone)
    return readWhole(manifest, {
      root: fresh,
      wanted: params.wanted,
      places: archivePlaces(),
      tell: done.add,
    });
  proveBytes(manifest);
  for (const part of wantedParts(manifest))
    await readPart(manifest, part, fresh, { tell: done.add });
  return null;
}

async function main() {
  const manifest = readManifest(params.name);
  if (!manifest)
    throw refuse(
      'backup-gone',
      { name: params.name },
      `there is no backup ${params.name} any more`,
    );
  sweep(fresh);
  fs.mkdirSync(fresh, { recursive: true, mode: 0o700 });
  try {
    await unpack(manifest);
  } catch (error) {
    sweep(fresh);
    if (!error.refused || error.unread) throw error;
    markDamaged(params.name);
    const [name, why] = [params.name, error.message];
    throw refuse('backup-damaged', { name, why }, `${name} is damaged: ${why}`);
  }
  run(['timeout', '30', 'sync', '-f', fresh]); // after a power cut following the swap, the files must have their content
  print(`${params.name}: ${params.wanted.join(', ')} unpacked and proven`);
}

module.exports = { main };
