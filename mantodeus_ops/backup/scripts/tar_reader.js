// Parses a tar stream in any of the usual formats.
'use strict';
const crypto = require('crypto');
const { refuse } = require('../../remote/scripts/errors');
const { workable } = require('../../remote/scripts/permissions');
const { trimmed } = require('../../text/whitespace');
const { BLOCK_BYTES, octal } = require('./tar_stream');

const KINDS = {
  0: 'file',
  '\0': 'file',
  7: 'file',
  1: 'hard link',
  2: 'symlink',
  3: 'device',
  4: 'device',
  5: 'directory',
  6: 'fifo',
};
const LONGEST_NOTE = 1 << 20; // bytes of a long name or an extended header

const field = (header, from, length) => {
  const text = header.subarray(from, from + length);
  const end = text.indexOf(0);
  return Buffer.from(end < 0 ? text : text.subarray(0, end)); // a copy, as the buffer of the chunk is reused
};

// GNU tar's form of large numbers: eight bytes at the end of the field, preceded by zeros.
function binary(header, from, to) {
  const rest = header.subarray(from + 1, to);
  return header[from] === 0x80 && to > from && rest.every((byte) => byte === 0)
    ? Number(header.readBigUInt64BE(to))
    : NaN;
}

function number(header, from, length) {
  if (header[from] & 0x80) return binary(header, from, from + length - 8);
  const text = trimmed(header.toString('latin1', from, from + length).replace(/[\0 ]+$/, ''));
  return /^[0-7]*$/.test(text) ? parseInt(text || '0', 8) : NaN;
}

function sound(header) {
  let sum = 8 * 32;
  for (let at = 0; at < BLOCK_BYTES; at++) if (at < 148 || at >= 156) sum += header[at];
  return sum === number(header, 148, 8);
}

// The records of a POSIX extended header, which override fields of the next member.
function pax(text) {
  const found = {};
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(32, at);
    const size = Number(text.toString('latin1', at, space));
    const record = text.subarray(space + 1, at + size - 1);
    const equals = record.indexOf(61);
    if (
      !(size > 0) ||
      space < at ||
      at + size > text.length ||
      text[at + size - 1] !== 10 ||
      equals < 1
    )
      throw refuse('archive-damaged', { why: 'an extended header cannot be read' });
    const key = record.toString('latin1', 0, equals);
    if (key.startsWith('GNU.sparse'))
      throw refuse('archive-unsafe', { why: 'it holds a sparse file' });
    found[key] = record.subarray(equals + 1);
    at += size;
  }
  return found;
}

// Calls `member` with each member, `data` with each piece of its content, `ended` after it, and `raw` with all bytes.
class Members {
  constructor(listener) {
    this.listener = listener;
    this.count = 0;
    this.rest = Buffer.alloc(0);
    this.left = 0; // bytes of the content
    this.padding = 0;
    this.note = null; // an extended header or long name that is being read
    this.overrides = {}; // from extended headers, for the next member
    this.zeros = 0;
  }

  feed(chunk) {
    for (let at = 0; at < chunk.length;) {
      if (this.left > 0) {
        const step = Math.min(this.left, chunk.length - at);
        this.content(chunk.subarray(at, at + step));
        at += step;
        this.left -= step;
        if (this.left === 0) this.close();
      } else if (this.padding > 0) {
        const step = Math.min(this.padding, chunk.length - at);
        this.listener.raw(chunk.subarray(at, at + step), false);
        at += step;
        this.padding -= step;
      } else if (this.rest.length === 0 && chunk.length - at >= BLOCK_BYTES) {
        this.header(chunk.subarray(at, at + BLOCK_BYTES));
        at += BLOCK_BYTES;
      } else {
        const part = chunk.subarray(at, at + BLOCK_BYTES - this.rest.length);
        this.rest = Buffer.concat([this.rest, part]);
        at += part.length;
        if (this.rest.length === BLOCK_BYTES) this.header(this.rest);
        if (this.rest.length === BLOCK_BYTES) this.rest = Buffer.alloc(0);
      }
    }
  }

  header(header) {
    if (header[0] === 0 && header.every((byte) => byte === 0)) {
      this.zeros += 1;
      return;
    }
    if (this.zeros > 0) throw refuse('archive-damaged', { why: 'it goes on after its end' });
    if (!sound(header)) throw refuse('archive-damaged', { why: 'a header is damaged' });
    this.listener.raw(header, true);
    const size = number(header, 124, 12);
    if (!Number.isSafeInteger(size) || size < 0)
      throw refuse('archive-damaged', { why: 'a size is impossible' });
    const type = String.fromCharCode(header[156]);
    if ('xLK'.includes(type)) {
      if (size > LONGEST_NOTE) throw refuse('archive-damaged', { why: 'a name is too long' });
      this.note = { type, pieces: [] };
    } else this.member(header, type, size);
    this.left = this.note ? size : this.size;
    this.padding = (BLOCK_BYTES - (this.left % BLOCK_BYTES)) % BLOCK_BYTES;
    if (this.left === 0) this.close();
  }

  member(header, type, size) {
    const { path: long, linkpath, size: longSize } = this.overrides;
    const prefix =
      header.toString('latin1', 257, 263) === 'ustar\0' ? field(header, 345, 155) : Buffer.alloc(0);
    const name =
      long ||
      (prefix.length
        ? Buffer.concat([prefix, Buffer.from('/'), field(header, 0, 100)])
        : field(header, 0, 100));
    if (longSize && !/^\d{1,15}$/.test(longSize.toString('latin1')))
      throw refuse('archive-damaged', { why: 'a size is impossible' });
    this.size = longSize ? Number(longSize.toString()) : size;
    this.overrides = {};
    this.count += 1;
    const kind = KINDS[type] || `member of type ${JSON.stringify(type)}`;
    if (kind !== 'file' && this.size > 0)
      throw refuse('archive-damaged', { why: 'a link or a directory has content' }); // another tar program might find members in it
    this.listener.member({
      name: name.toString('latin1'),
      kind,
      mode: number(header, 100, 8),
      mtime: number(header, 136, 12),
      size: this.size,
      target: (linkpath || field(header, 157, 100)).toString('latin1'),
    });
  }

  content(piece) {
    this.listener.raw(piece, false);
    if (this.note) this.note.pieces.push(Buffer.from(piece));
    else this.listener.data(piece);
  }

  close() {
    if (!this.note) return this.listener.ended();
    const { type, pieces } = this.note;
    const text = Buffer.concat(pieces);
    this.note = null;
    if (type === 'x') this.overrides = { ...this.overrides, ...pax(text) };
    else this.named(type === 'L' ? 'path' : 'linkpath', text);
    return undefined;
  }

  named(key, text) {
    if (this.overrides[key] || text.indexOf(0) < 0)
      throw refuse('archive-damaged', { why: 'a long name cannot be read' });
    this.overrides[key] = text.subarray(0, text.indexOf(0));
  }

  // Whether the last member is complete and no extended header waits for the next.
  between() {
    return (
      this.left === 0 &&
      this.padding === 0 &&
      this.rest.length === 0 &&
      !this.note &&
      Object.keys(this.overrides).length === 0
    );
  }

  // Whether the stream ended like a complete tar archive.
  whole() {
    return this.zeros >= 2 && this.between();
  }
}

// Digests the content of members, without owners and times.
class Content {
  constructor() {
    this.sum = crypto.createHash('sha256');
    this.masked = Buffer.alloc(BLOCK_BYTES);
  }

  member() {}

  data() {}

  ended() {}

  raw(bytes, isHeader) {
    if (!isHeader) return this.sum.update(bytes);
    bytes.copy(this.masked);
    this.open(bytes);
    for (const [from, to] of [
      [108, 124],
      [136, 156],
      [265, 329],
    ])
      this.masked.fill(0, from, to); // owner, time and checksum, owner's name
    return this.sum.update(this.masked);
  }

  // Digests the mode that the member gets when it is unpacked, so that the state is the same afterwards.
  open(header) {
    const [mode, kind] = [number(header, 100, 8), KINDS[String.fromCharCode(header[156])]];
    if (!Number.isInteger(mode) || !['file', 'directory'].includes(kind)) return;
    const better = workable(mode, kind === 'directory');
    if (better !== mode && better < 8 ** 7) this.masked.latin1Write(octal(better, 8), 100);
  }

  digest() {
    return this.sum.digest('hex');
  }
}

module.exports = { Content, LONGEST_NOTE, Members };
