// Reads an archive as if it were hostile: every member is checked before a byte is written, and all of it goes into a
// new directory.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const zlib = require('zlib');
const { Readable } = require('stream');
const { refuse } = require('../../remote/scripts/errors');
const { rightsLacking } = require('../../remote/scripts/permissions');
const { archiveOf, isUsable, range, sha256Of } = require('./manifest');
const { Rules, inside } = require('./extract_rules');
const { Kept, NOTHING, Writer } = require('./extract_writer');
const { Content, Members } = require('./tar_reader');
const { latin } = require('./tar_writer');

const SLACK = 1 << 16; // zeros with which tar pads the end of an archive

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

// Yields the bytes of an archive and hashes them, from one handle, so that the checked bytes are those that are read.
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

// An archive that belongs to another account or cannot be read is refused as unread, not as damaged.
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

// Reads a whole archive, extracts `wanted` to `root` if there is one, and returns what the archive holds. `most` limits
// its size in place of the manifest, which may come from elsewhere.
/** @type {(manifest: any, how: any) => Promise<any>} */
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

// Reads one part, which has its own digest, and extracts it to `root`; without one, returns the text of a small file.
async function readPart(
  manifest,
  part,
  root,
  { content = new Content(), most = undefined, tell = (..._bytes) => {} } = {},
) {
  const handle = openArchive(manifest);
  try {
    const sum = crypto.createHash('sha256');
    const rules = new Rules(manifest, [part.path], most);
    /** @type {any} */
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

module.exports = { SLACK, openArchive, proveBytes, readPart, readWhole };
