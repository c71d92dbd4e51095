// Reads an archive that came from elsewhere as an enemy's, and makes a backup of this host out of it.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { disk } = require('../../app/scripts/disk');
const { archivePlaces } = require('../../app/scripts/made_files');
const { refuse } = require('../../remote/scripts/errors');
const { removeTree } = require('../../remote/scripts/files');
const { meter, print } = require('../../remote/scripts/job_log');
const { params } = require('../../remote/scripts/params');
const { leaveResult } = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');
const { SLACK, readPart, readWhole } = require('./extract');
const {
  FORMAT,
  backupDir,
  backups,
  contentOfState,
  madeHere,
  publish,
  summaryOf,
} = require('./manifest');
const { inside } = require('./extract_rules');
const { Content, LONGEST_NOTE } = require('./tar_reader');
const { latin } = require('./tar_writer');

const partial = path.join(backupDir, `.${params.name}.partial`);
const arrived = {
  name: `.${params.name}.partial/archive`,
  bytes: params.bytes,
  sha256: params.sha256,
  seal: params.told.seal,
};
const done = meter('prove');
let here = false; // whether this host made the archive
const MOST_NAMES = 1000000; // no app has as many files, and each name takes memory

// One digest for each place, so that a part is known to be the same as one that was made here. Whose a header is, is
// known only when its member is told.
class Parts {
  constructor(places) {
    this.places = places;
    this.found = new Map();
    this.waiting = [];
    this.held = 0;
  }

  clear() {
    [this.waiting, this.held] = [[], 0];
  }

  raw(bytes, isHeader) {
    if (!isHeader && this.waiting.length === 0) return this.take(bytes, false);
    this.held += bytes.length;
    if (this.held > 4 * LONGEST_NOTE)
      throw refuse('archive-damaged', { why: 'a name is too long' });
    return this.waiting.push([Buffer.from(bytes), isHeader]);
  }

  member(name) {
    const place = this.places.find((one) => inside(name, [latin(one)]));
    if (!this.found.has(place))
      this.found.set(place, { path: place, plain: 0, entries: 0, content: new Content() });
    this.part = this.found.get(place);
    this.part.entries += 1;
    for (const [bytes, isHeader] of this.waiting) this.take(bytes, isHeader);
    this.clear();
  }

  take(bytes, isHeader) {
    this.part.plain += bytes.length;
    this.part.content.raw(bytes, isHeader);
  }

  // Whether so many bytes are no more than members, and the little that may lie between and after them.
  explains(bytes) {
    return (
      bytes <= [...this.found.values()].reduce((sum, one) => sum + one.plain, this.held) + SLACK
    );
  }

  digest() {
    return '';
  }

  ended() {
    return [...this.found.values()].map((part) => ({
      ...part,
      content: part.content.digest(),
      consistent: true,
    }));
  }
}

function room() {
  const { free, inodes_free: free_inodes } = disk();
  const inodes = Math.min(free_inodes < 0 ? Infinity : free_inodes, MOST_NAMES);
  return {
    bytes: free,
    entries: inodes,
    names: inodes,
    why: 'it holds more than this disk has room for',
  };
}

const isNames = (one) => Array.isArray(one) && one.every((name) => typeof name === 'string');

async function readParts() {
  const places = here && isNames(params.told.paths) ? params.told.paths : archivePlaces();
  const parts = new Parts(places);
  let size = 0;
  const tell = (bytes) => {
    size += bytes;
    if (!parts.explains(size)) throw refuse('archive-damaged', { why: 'it goes on after its end' });
    done.add(bytes);
  };
  await readWhole(arrived, { places, tell, most: room(), content: parts });
  const found = parts.ended();
  if (found.length === 0 && !(here && params.told.revision)) throw refuse('archive-empty');
  if (parts.waiting.length) throw refuse('archive-damaged', { why: 'it ends in the middle' });
  return found;
}

// The small part that a rollback looks into before it begins, where the place that the manifest names proves to be it.
async function located(part) {
  const claimed =
    here && part.path === params.env_file && Array.isArray(params.told.parts)
      ? params.told.parts.find((one) => one && one.path === part.path)
      : null;
  if (
    !claimed ||
    ![claimed.offset, claimed.bytes].every((one) => Number.isSafeInteger(one) && one >= 0) ||
    claimed.offset + claimed.bytes > params.bytes
  )
    return part;
  const { offset, bytes, sha256 } = claimed;
  const content = new Content();
  try {
    await readPart(arrived, { path: part.path, plain: part.plain, offset, bytes, sha256 }, '', {
      content,
      most: room(),
    });
  } catch (error) {
    if (!error.refused) throw error;
    return part;
  }
  return content.digest() === part.content ? { ...part, offset, bytes, sha256 } : part;
}

const text = (value, form) => (typeof value === 'string' && form.test(value) ? value : '');
const LINE = /^[^\x00-\x1f\x7f-\x9f]{1,200}$/;
const BRANCH =
  /^(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)))[^ ~^:?*[\\/.\x00-\x1f\x7f-][^ ~^:?*[\\\x00-\x1f\x7f]{0,199}(?<![/.])$/s;
const DIGEST = /^[0-9a-f]{64}$/;

function stamped(name) {
  const digits = /(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)$/.exec(name);
  const [year, month, ...rest] = digits.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest) / 1000;
}

// What is only shown, or is of use only where it is true.
function told() {
  const { at, branch, reason, revision, node, abi, lockfile, tool } = params.told;
  return {
    at: Number.isFinite(at) && at > 0 && at < now() ? at : stamped(params.name),
    reason: text(reason, LINE) || 'pushed by hand',
    revision: text(revision, /^([0-9a-f]{40}|[0-9a-f]{64})$/),
    branch: text(branch, BRANCH),
    lockfile: text(lockfile, DIGEST),
    node: text(node, /^v[\d.]{1,30}$/),
    abi: text(abi, /^\d{1,5}-[a-z0-9]{1,20}-[a-z0-9]{1,20}$/),
    tool: text(tool, /^[\w.+-]{1,40}$/),
  };
}

// An old archive without a `.env` says nothing of whether there was one: what is live stays then.
function absentFrom(paths) {
  const claimed =
    here && isNames(params.told.absent)
      ? params.told.absent
      : archivePlaces().filter((name) => name !== params.env_file);
  return claimed.filter((name) => !paths.includes(name));
}

function manifestFrom(parts) {
  const [sum, paths] = [
    (key) => parts.reduce((all, one) => all + one[key], 0),
    parts.map((one) => one.path),
  ];
  const absent = absentFrom(paths);
  const oldest = Math.min(1, ...backups().map((one) => one.sequence));
  const verdict =
    here && ['good', 'bad'].includes(params.told.verdict) ? params.told.verdict : 'unknown';
  return {
    format: FORMAT,
    name: params.name,
    ...told(),
    sequence: oldest - 1,
    verdict,
    consistent: true,
    skipped: [],
    content: contentOfState(parts, absent),
    paths,
    absent,
    parts,
    bytes: params.bytes,
    sha256: params.sha256,
    plain_bytes: sum('plain'),
    entries: sum('entries'),
    reused: [],
    pushed_at: now(),
    ...(here ? { seal: params.told.seal } : {}),
  };
}

async function receive() {
  const parts = await Promise.all((await readParts()).map(located));
  const manifest = manifestFrom(parts);
  fs.chmodSync(path.join(partial, 'archive.tar.gz'), 0o600);
  publish(partial, 'archive.tar.gz', manifest);
  removeTree(partial);
  leaveResult(summaryOf(manifest));
  print(
    `${manifest.name}: ${manifest.entries} entries, ${manifest.bytes} bytes, ${here ? 'made here' : 'from elsewhere'}`,
  );
}

async function main() {
  os.setPriority(19); // the live app goes first
  here = madeHere(arrived);
  if (Number.isFinite(params.told.plain_bytes)) done.expect(params.told.plain_bytes);
  try {
    await receive();
  } catch (error) {
    if (error.refused) removeTree(partial);
    throw error;
  }
}

module.exports = { main };
