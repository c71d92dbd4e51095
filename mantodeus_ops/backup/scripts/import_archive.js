// Turns an uploaded archive into a backup of this host. The archive is read as if it were hostile.
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
  seal: params.manifest.seal,
};
const done = meter('prove');
let here = false; // whether this host made the archive
const MOST_NAMES = 1000000; // more than any app has; each name takes memory

// Digests each part, so that it can be compared with parts of backups made here. Headers wait until their member is
// parsed, which shows the part they belong to.
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
    const place = this.places.find((candidate) => inside(name, [latin(candidate)]));
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

  // Whether this many bytes are accounted for by members and padding.
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
  const places = here && isNames(params.manifest.paths) ? params.manifest.paths : archivePlaces();
  const parts = new Parts(places);
  let size = 0;
  const tell = (bytes) => {
    size += bytes;
    if (!parts.explains(size)) throw refuse('archive-damaged', { why: 'it goes on after its end' });
    done.add(bytes);
  };
  await readWhole(arrived, { places, tell, most: room(), content: parts });
  const found = parts.ended();
  if (found.length === 0 && !(here && params.manifest.revision)) throw refuse('archive-empty');
  if (parts.waiting.length) throw refuse('archive-damaged', { why: 'it ends in the middle' });
  return found;
}

// The part of .env with its position in the archive, which a rollback reads first; only if the manifest's claim about it
// is verified.
async function located(part) {
  const claimed =
    here && part.path === params.env_file && Array.isArray(params.manifest.parts)
      ? params.manifest.parts.find((entry) => entry && entry.path === part.path)
      : null;
  if (
    !claimed ||
    ![claimed.offset, claimed.bytes].every((size) => Number.isSafeInteger(size) && size >= 0) ||
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

// The fields of the uploaded manifest that are only shown, or that can do no harm if they are wrong.
function claimedFields() {
  const { at, branch, reason, revision, node, abi, lockfile, tool } = params.manifest;
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

// The paths that the app did not have. An archive of the old scripts without `.env` does not say whether there was one, so
// a rollback to it keeps the live one.
function absentFrom(paths) {
  const claimed =
    here && isNames(params.manifest.absent)
      ? params.manifest.absent
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
    here && ['good', 'bad'].includes(params.manifest.verdict) ? params.manifest.verdict : 'unknown';
  return {
    format: FORMAT,
    name: params.name,
    ...claimedFields(),
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
    ...(here ? { seal: params.manifest.seal } : {}),
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
  os.setPriority(19); // the live app has priority
  here = madeHere(arrived);
  if (Number.isFinite(params.manifest.plain_bytes)) done.expect(params.manifest.plain_bytes);
  try {
    await receive();
  } catch (error) {
    if (error.refused) removeTree(partial);
    throw error;
  }
}

module.exports = { main };
