// Writes a part of the app as a stream of tar members, and hashes it.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const { workable } = require('../../remote/scripts/permissions');
const { Print, latin, readableFile, walk } = require('./tar_writer');

const BLOCK_BYTES = 512;
const octal = (value, length) => value.toString(8).padStart(length - 1, '0') + '\0';
const BLOCK = 4 << 20;
const LATEST = 8 ** 11 - 1; // the largest time in a header, in the year 2242
const NO_STAT = { mode: 0o644, uid: 0, gid: 0, mtimeMs: 0 };

// Collects tar bytes in large blocks. They are hashed before owner and time are filled in, which are not content.
class Blocks {
  constructor() {
    this.sum = crypto.createHash('sha256');
    /** @type {Buffer} */
    this.bytes = null;
    this.at = 0;
    this.late = [];
    this.fresh();
  }

  fresh() {
    [this.bytes, this.at, this.late] = [Buffer.allocUnsafe(BLOCK), 0, []];
  }

  // Yields a full block, or at the end the last, partial one.
  *full(last = false) {
    if (this.at < BLOCK && !(last && this.at)) return;
    const done = this.bytes.subarray(0, this.at);
    this.sum.update(done);
    for (const [at, text] of this.late) done.latin1Write(text, at);
    this.fresh();
    yield done;
  }

  // Writes a GNU tar header. Setuid bits are left out.
  header({ name, stat, target }, type, size) {
    const { bytes, at } = this;
    const put = (text, to, length) => bytes.latin1Write(text, at + to, length);
    bytes.fill(0, at, at + BLOCK_BYTES);
    put(name, 0, 100);
    put(
      octal(
        type === '5'
          ? workable(stat.mode & 0o7777, true)
          : stat.mode & (type === '0' ? 0o1777 : 0o7777),
        8,
      ),
      100,
    );
    if (size < 8 ** 11) put(octal(size, 12), 124);
    else bytes[bytes.writeBigUInt64BE(BigInt(size), at + 128) - 12] = 0x80;
    put(type, 156);
    put(target, 157, 100);
    put('ustar  ', 257);
    this.sign(
      octal(stat.uid & 0o7777777, 8) + octal(stat.gid & 0o7777777, 8),
      octal(Math.min(LATEST, Math.max(0, Math.floor(stat.mtimeMs / 1000))), 12),
    );
    this.at += BLOCK_BYTES;
  }

  sign(owner, time) {
    const { bytes, at } = this;
    let sum = 8 * 32;
    for (let index = at; index < at + BLOCK_BYTES; index++) sum += bytes[index];
    for (const text of [owner, time])
      for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index);
    this.late.push([at + 108, owner], [at + 136, `${time}${sum.toString(8).padStart(6, '0')}\0 `]);
  }

  *text(text) {
    for (let rest = Buffer.from(text, 'latin1'); rest.length > 0;) {
      const size = rest.copy(this.bytes, this.at);
      this.at += size;
      rest = rest.subarray(size);
      yield* this.full();
    }
  }

  *padding() {
    const over = this.at % BLOCK_BYTES;
    if (over) this.bytes.fill(0, this.at, (this.at += BLOCK_BYTES - over));
    yield* this.full();
  }

  // Writes long names and link targets in front of the header.
  *heads(entry, type, size) {
    for (const [text, kind] of [
      [entry.target, 'K'],
      [entry.name, 'L'],
    ]) {
      if (text.length <= 100) continue;
      this.header({ name: '././@LongLink', target: '', stat: NO_STAT }, kind, text.length + 1);
      yield* this.full();
      yield* this.text(`${text}\0`);
      yield* this.padding();
    }
    this.header(entry, type, size);
    yield* this.full();
  }

  // Writes as many bytes of a file as its header says, zeros for missing ones; marks the part as changed then.
  *file(handle, stat, print) {
    try {
      for (let left = stat.size; left > 0;) {
        const room = Math.min(left, BLOCK - this.at);
        const size = handle < 0 ? 0 : fs.readSync(handle, this.bytes, this.at, room, null);
        if (size === 0) print.steady = false;
        if (size === 0) this.bytes.fill(0, this.at, this.at + room);
        this.at += size || room;
        left -= size || room;
        yield* this.full();
      }
    } finally {
      if (handle >= 0) fs.closeSync(handle);
    }
    yield* this.padding();
  }

  *member(entry, print, names) {
    const { stat, name } = entry;
    if (stat.isDirectory()) return yield* this.heads({ ...entry, name: `${name}/` }, '5', 0);
    if (stat.isSymbolicLink()) return yield* this.heads(entry, '2', 0);
    const first = stat.nlink > 1 ? names.get(stat.ino) : undefined;
    if (first) return yield* this.heads({ ...entry, target: first }, '1', 0);
    const handle = readableFile(entry);
    if (handle === null) return print.leave(entry);
    if (stat.nlink > 1) names.set(stat.ino, name);
    yield* this.heads(entry, '0', stat.size);
    return yield* this.file(handle, stat, print);
  }
}

// Yields the part as tar members, without the end of an archive, so that another part can follow, and fills `print`.
function* tarOf(root, name, print) {
  const [names, blocks] = [new Map(), new Blocks()];
  for (const entry of walk(latin(root), latin(name))) {
    print.add(entry);
    if (entry.stat) yield* blocks.member(entry, print, names);
  }
  yield* blocks.full(true);
  print.end(blocks.sum.digest('hex'));
  print.steady = print.settled();
}

// The digest of a part's content, by reading it; '' if it changed meanwhile.
function contentOf(root, name) {
  const print = new Print();
  for (const block of tarOf(root, name, print)) void block;
  return print.steady ? print.content : '';
}

module.exports = { BLOCK, BLOCK_BYTES, LATEST, contentOf, octal, tarOf };
