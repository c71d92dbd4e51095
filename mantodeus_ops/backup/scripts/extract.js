// Reads an archive as if an enemy had made it: every rule is held before a byte is written, and all of it goes into a
// fresh directory of its own.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const { Readable } = require('stream');
const { refuse } = require('../../remote/scripts/errors');
const { writeAll } = require('../../remote/scripts/files');
const { project } = require('../../remote/scripts/params');
const { rightsLacking, workable } = require('../../remote/scripts/permissions');
const { archiveOf, isUsable, madeHere, range, sha256Of } = require('./manifest');
const { Content, Members } = require('./tar_reader');
const { BLOCK_BYTES, LATEST } = require('./tar_stream');
const { bytesOf, latin, lookAt } = require('./tar_writer');

const [DEEPEST, LONGEST_NAME, LONGEST_TARGET] = [3500, 255, 4095]; // what a disk can hold, with our directory in front
const SLACK = 1 << 16; // the end of an archive, which tar fills up with zeros

const inside = (name, places) =>
  places.some((place) => name === place || name.startsWith(`${place}/`));

// Holds every member to the rules; throws at the first that breaks one. `places` are what may be in it, `most` is how
// much of it there may be: what the manifest says, or, where there is none, what there is room for.
class Rules {
  constructor(
    manifest,
    places,
    most = {
      entries: manifest.entries,
      bytes: manifest.plain_bytes,
      names: Infinity,
      why: 'it holds more than its manifest says',
    },
  ) {
    this.places = places.map(latin);
    this.trusted = madeHere(manifest); // our own may hold links that lead out, as the app they were taken from did
    this.most = most;
    this.kinds = new Map();
    this.leads = [];
    this.bytes = 0;
    this.seen = 0;
  }

  check({ name: written, kind, mode, mtime, size, target }) {
    const name = kind === 'directory' ? written.replace(/\/$/, '') : written;
    const shown = JSON.stringify(Buffer.from(name, 'latin1').toString().slice(0, 120));
    const no = (why) => refuse('archive-unsafe', { why: `${shown} ${why}` });
    if (
      name.length > DEEPEST ||
      name.includes('\0') ||
      name
        .split('/')
        .some((part) => part === '' || part === '.' || part === '..' || part.length > LONGEST_NAME)
    )
      throw no('is no plain path');
    if (!inside(name, this.places)) throw no('does not belong into a backup of this app');
    if (!['file', 'directory', 'symlink', 'hard link'].includes(kind)) throw no(`is a ${kind}`);
    if (!Number.isInteger(mode) || (mode & 0o6000 && kind !== 'directory'))
      throw no('has a setuid bit');
    if (!(mtime >= 0 && mtime <= LATEST)) throw no('has an impossible time');
    this.place(name, kind, no);
    if (kind === 'symlink') this.symlink(name, target, no);
    if (
      kind === 'hard link' &&
      !(this.kinds.get(target) === 'file' && this.placeOf(target) === this.placeOf(name))
    )
      throw no('is a link to no file that came before it');
    this.count(size);
    return name;
  }

  place(name, kind, no) {
    if (this.kinds.has(name)) throw no('is in it twice');
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
      const above = this.kinds.get(name.slice(0, at));
      if (above && above !== 'directory') throw no(`lies behind a ${above}`);
      if (above) break;
      this.kinds.set(name.slice(0, at), 'directory');
    }
    this.kinds.set(name, kind);
  }

  placeOf(name) {
    return this.places.find((place) => inside(name, [place]));
  }

  // Up first and then down: where a link in the middle might turn, its end could not be known.
  symlink(name, target, no) {
    if (!target || target.includes('\0') || target.length > LONGEST_TARGET)
      throw no('is a link to nowhere');
    if (this.trusted) return;
    const there = path.posix.normalize(path.posix.join(path.posix.dirname(name), target));
    const turns = /(^|\/)(?!\.\.?(\/|$))[^/]+\/(.*\/)?\.\.(\/|$)/s.test(target);
    if (target.startsWith('/') || turns || there === '..' || there.startsWith('../'))
      throw no('is a link that leads out of the app');
    this.leads.push([there, no]);
  }

  // What is on the disk beside the archive may be a link too, and lead anywhere.
  finish() {
    for (const [there, no] of this.leads) {
      for (let at = there.indexOf('/'); at > 0; at = there.indexOf('/', at + 1)) {
        const above = there.slice(0, at);
        const stat = this.kinds.has(above) ? null : lookAt(bytesOf(`${latin(project)}/${above}`));
        if (stat && stat.isSymbolicLink()) throw no('is a link that leads through another one');
      }
    }
  }

  count(size) {
    this.seen += 1;
    this.bytes += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (
      this.bytes > this.most.bytes ||
      this.seen > this.most.entries ||
      this.kinds.size > this.most.names
    )
      throw refuse('archive-too-large', { why: this.most.why });
  }
}

// Writes what passed the rules. Links come last, so that no path can lead through one.
class Writer {
  constructor(root) {
    this.root = latin(root);
    this.directories = [];
    this.links = [];
    this.made = new Set();
  }

  at(name) {
    return bytesOf(`${this.root}/${name}`);
  }

  above(name) {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (parent && !this.made.has(parent)) this.directory(parent, 0o755, null);
  }

  directory(name, mode, mtime) {
    this.above(name);
    if (!this.made.has(name)) fs.mkdirSync(this.at(name), 0o700);
    this.made.add(name);
    this.directories.push([name, mode, mtime]);
  }

  begin({ name, kind, mode, mtime, target }) {
    if (kind === 'directory') return this.directory(name, workable(mode & 0o3777, true), mtime);
    this.above(name);
    if (kind === 'symlink') return this.links.push([name, target, mtime]);
    if (kind === 'hard link') return fs.linkSync(this.at(target), this.at(name));
    this.handle = fs.openSync(this.at(name), 'wx', 0o600);
    this.after = [workable(mode & 0o1777, false), mtime];
    return undefined;
  }

  data(piece) {
    writeAll(this.handle, piece);
  }

  ended() {
    if (this.handle === undefined) return;
    fs.fchmodSync(this.handle, this.after[0]);
    fs.futimesSync(this.handle, this.after[1], this.after[1]);
    fs.closeSync(this.handle);
    this.handle = undefined;
  }

  finish() {
    for (const [name, target, mtime] of this.links) {
      fs.symlinkSync(Buffer.from(target, 'latin1'), this.at(name));
      fs.lutimesSync(this.at(name), mtime, mtime);
    }
    for (const [name, mode, mtime] of this.directories.reverse()) {
      fs.chmodSync(this.at(name), mode);
      if (mtime !== null) fs.utimesSync(this.at(name), mtime, mtime);
    }
  }
}

// Reads for the rules only.
const NOTHING = { begin() {}, data() {}, ended() {}, finish() {} };

function listener(rules, writer, content, wanted) {
  let taking = false;
  return {
    raw: (bytes, isHeader) => content.raw(bytes, isHeader),
    member(one) {
      const name = rules.check(one);
      content.member(name);
      taking = inside(name, wanted);
      if (taking) writer.begin({ ...one, name });
    },
    data: (piece) => taking && writer.data(piece),
    ended: () => taking && writer.ended(),
  };
}

// The bytes of an archive, hashed as they pass, from one handle: what is checked is what is read.
function* hashed(handle, from, length, sum) {
  for (const piece of range(handle, from, length)) {
    sum.update(piece);
    yield piece;
  }
}

async function inflate(pieces, most, feed) {
  let [size, fed] = [0, 0];
  const gunzip = zlib.createGunzip({ chunkSize: 1 << 18 });
  const counted = (function* counted() {
    for (const piece of pieces) {
      fed += piece.length;
      yield piece;
    }
  })();
  const source = Readable.from(counted, { objectMode: false, highWaterMark: 1 << 20 });
  source.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const block of source.pipe(gunzip)) {
      size += block.length;
      if (size > most)
        throw refuse('archive-too-large', { why: 'it unpacks to more than its manifest says' });
      feed(block);
    }
  } catch (error) {
    if (error.refused || !/^Z_|^ERR_/.test(error.code || '')) throw error;
    throw refuse('archive-damaged', { why: `it is no whole gzip (${error.code})` });
  }
  if (gunzip.bytesWritten !== fed)
    throw refuse('archive-damaged', { why: 'it goes on after its end' });
}

// That it is another account's, or cannot be read, says nothing of what is in it.
function openArchive(manifest) {
  const file = archiveOf(manifest.name);
  if (!isUsable(manifest.name))
    throw Object.assign(refuse(...rightsLacking(file)), { unread: true });
  const handle = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  const stat = fs.fstatSync(handle);
  if (stat.isFile() && stat.size === manifest.bytes) return handle;
  fs.closeSync(handle);
  throw refuse('archive-not-proven', { why: `it has ${stat.size} bytes, not ${manifest.bytes}` });
}

function proveBytes(manifest) {
  const handle = openArchive(manifest);
  const sum = sha256Of(handle, manifest.bytes);
  fs.closeSync(handle);
  if (sum !== manifest.sha256)
    throw refuse('archive-not-proven', {
      why: 'its bytes are not those that were proven (sha256)',
    });
}

// All of an archive; what is `wanted` goes to `root`, or nothing when there is none. Returns what it holds. With `most`,
// the manifest's word for how much that is counts for nothing.
async function readWhole(
  manifest,
  { root = '', wanted = [], places, tell = () => {}, most = undefined, content = new Content() },
) {
  const handle = openArchive(manifest);
  try {
    const [sum, rules] = [crypto.createHash('sha256'), new Rules(manifest, places, most)];
    const writer = root ? new Writer(root) : NOTHING;
    const members = new Members(listener(rules, writer, content, wanted.map(latin)));
    await inflate(hashed(handle, 0, manifest.bytes, sum), rules.most.bytes + SLACK, (block) => {
      members.feed(block);
      tell(block.length);
    });
    if (sum.digest('hex') !== manifest.sha256)
      throw refuse('archive-not-proven', {
        why: 'its bytes are not those that were proven (sha256)',
      });
    if (!members.whole()) throw refuse('archive-damaged', { why: 'it ends in the middle' });
    rules.finish();
    if (!most && members.count !== manifest.entries)
      throw refuse('archive-not-proven', {
        why: `it holds ${members.count} entries, not ${manifest.entries}`,
      });
    writer.finish();
    return {
      entries: members.count,
      plain_bytes: rules.bytes,
      content: content.digest(),
      kinds: rules.kinds,
    };
  } finally {
    fs.closeSync(handle);
  }
}

// One part alone, which carries its own digest; `writer` gets it, or all of it is kept when it is a small file.
async function readPart(
  manifest,
  part,
  root,
  { content = new Content(), most = undefined, tell = () => {} } = {},
) {
  const handle = openArchive(manifest);
  try {
    const sum = crypto.createHash('sha256');
    const rules = new Rules(manifest, [part.path], most);
    const writer = root ? new Writer(root) : new Kept();
    const members = new Members(listener(rules, writer, content, [latin(part.path)]));
    await inflate(hashed(handle, part.offset, part.bytes, sum), part.plain + SLACK, (block) => {
      members.feed(block);
      tell(block.length);
    });
    if (sum.digest('hex') !== part.sha256)
      throw refuse('archive-not-proven', {
        why: `its ${part.path} is not what was proven (sha256)`,
      });
    if (part.content && content.digest() !== part.content)
      throw refuse('archive-not-proven', {
        why: `its ${part.path} does not hold what its manifest says`,
      });
    if (!members.between())
      throw refuse('archive-damaged', { why: `its ${part.path} ends in the middle` });
    rules.finish();
    writer.finish();
    return writer.text;
  } finally {
    fs.closeSync(handle);
  }
}

class Kept {
  constructor() {
    this.text = '';
  }

  begin() {}

  data(piece) {
    if (this.text.length < 1 << 20) this.text += piece.toString('latin1');
  }

  ended() {}

  finish() {
    this.text = Buffer.from(this.text, 'latin1').toString();
  }
}

module.exports = { SLACK, inside, openArchive, proveBytes, readPart, readWhole };
