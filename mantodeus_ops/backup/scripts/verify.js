// Reads backups completely and reports for each whether it can be restored.
'use strict';
const os = require('os');
const { archivePlaces } = require('../../app/scripts/made_files');
const { explain } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { meter, print } = require('../../remote/scripts/job_log');
const { params } = require('../../remote/scripts/params');
const { leaveResult, writeWhole } = require('../../remote/scripts/state_file');
const { monotonic } = require('../../remote/scripts/time');
const { readWhole } = require('./extract');
const { archiveOf, backups, madeHere, manifestOf, readManifest } = require('./manifest');

const done = meter('verify');

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

function expect(names) {
  const manifests = names.map(readManifest).filter(Boolean);
  done.expect(manifests.reduce((sum, one) => sum + one.plain_bytes, 0));
}

async function verifyAll(names) {
  const results = [];
  for (const name of names) {
    const seen = await verify(name);
    results.push(seen);
    print(`${name}: ${seen.ok ? `whole, ${seen.entries} entries` : seen.reason}`);
    const manifest = readManifest(name);
    if (manifest && !seen.unread && Boolean(manifest.damaged) === seen.ok)
      writeWhole(manifestOf(name), JSON.stringify({ ...manifest, damaged: !seen.ok }));
  }
  return results;
}

async function main() {
  const names = params.names.length ? params.names : backups().map((one) => one.name);
  expect(names);
  os.setPriority(19);
  try {
    leaveResult({ results: await verifyAll(names) });
  } catch (error) {
    print(explain(error).error);
    return { exit: 1 };
  }
  return undefined;
}

module.exports = { main };
