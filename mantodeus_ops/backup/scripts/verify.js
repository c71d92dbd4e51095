// Reads backups whole and says of each whether it can be restored.
'use strict';
const os = require('os');
const { archivePlaces } = require('../../app/scripts/made_files');
const { explain } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { meter, print } = require('../../remote/scripts/job_log');
const { inDeploy, params } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { monotonic } = require('../../remote/scripts/time');
const { readWhole } = require('./extract');
const { archiveOf, backups, madeHere, manifestOf, readManifest } = require('./manifest');

const names = params.names.length ? params.names : backups().map((one) => one.name);
const done = meter(
  'verify',
  names
    .map(readManifest)
    .filter(Boolean)
    .reduce((sum, one) => sum + one.plain_bytes, 0),
);
/** @type {(name: string) => Promise<any>} */
async function verify(name) {
  const manifest = readManifest(name);
  if (!manifest)
    return {
      name,
      ok: false,
      reason: exists(archiveOf(name))
        ? 'its manifest is missing or is not about this archive'
        : 'there is no such backup',
    };
  const began = monotonic();
  const found = { name, bytes: manifest.bytes, entries: manifest.entries };
  try {
    await readWhole(manifest, {
      places: madeHere(manifest) ? manifest.paths : archivePlaces(),
      tell: done.add,
    });
    return {
      ...found,
      ok: true,
      reason: '',
      seconds: Math.round((monotonic() - began) * 1000) / 1000,
    };
  } catch (error) {
    return {
      ...found,
      ok: false,
      reason: explain(error).error,
      unread: !error.refused || Boolean(error.unread),
    };
  }
}

async function main() {
  os.setPriority(19);
  const results = [];
  for (const name of names) {
    const seen = await verify(name);
    results.push(seen);
    print(`${name}: ${seen.ok ? `whole, ${seen.entries} entries` : seen.reason}`);
    const manifest = readManifest(name);
    if (manifest && !seen.unread && Boolean(manifest.damaged) === seen.ok)
      writeWhole(manifestOf(name), JSON.stringify({ ...manifest, damaged: !seen.ok }));
  }
  writeWhole(inDeploy('jobs', params.job, 'result.json'), JSON.stringify({ results }));
}

main().catch((error) => {
  print(explain(error).error);
  process.exit(1);
});
