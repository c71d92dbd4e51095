// Replaces secrets in bytes; twin of redaction/redactor.py.
'use strict';
const { shapesOf } = require('./encodings');

const REPLACEMENT = Buffer.from('[secret]');
const HEAD = 4; // bytes of an encoding that are compared first
const ANY_LOGIN =
  /\/\/[^ \t\n\r\f\v/@:"<>]*:[^ \t\n\r\f\v/"<>]*@|(?<=https?:)\/\/[^ \t\n\r\f\v/@"<>]+@/gi;

const scrubUrls = (text) => text.replace(ANY_LOGIN, '//[secret]@');

class Redactor {
  constructor(secrets) {
    this.shapes = [...new Set(secrets.flatMap(shapesOf))]
      .map((shape) => Buffer.from(shape))
      .sort((left, right) => right.length - left.length);
    this.longest = this.shapes.length ? this.shapes[0].length : 0;
    this.heads = new Map();
    // The distance to the next position at which an encoding can begin, by the last two of four bytes (Wu and Manber).
    this.skips = new Uint8Array(65536).fill(HEAD - 1);
    for (const shape of this.shapes) this.learn(shape);
  }

  learn(shape) {
    const head = shape.readInt32BE(0);
    this.heads.set(head, [...(this.heads.get(head) || []), shape]);
    for (let at = 0; at < HEAD - 1; at++) {
      const pair = shape.readUInt16BE(at);
      this.skips[pair] = Math.min(this.skips[pair], HEAD - 2 - at);
    }
  }

  // The size of the longest encoding at this position; 0 if there is none.
  sizeAt(data, at) {
    const found = (this.heads.get(data.readInt32BE(at)) || []).find(
      (shape) =>
        shape.length <= data.length - at &&
        data.compare(shape, 0, shape.length, at, at + shape.length) === 0,
    );
    return found ? found.length : 0;
  }

  // The begin and end of the first secret from a position on.
  next(data, from) {
    for (let at = from; at + HEAD <= data.length;) {
      const skip = this.skips[(data[at + 2] << 8) | data[at + 3]];
      const size = skip ? 0 : this.sizeAt(data, at);
      if (size) return [at, at + size];
      at += skip || 1;
    }
    return null;
  }

  // Whether the rest of the data from a position on is the beginning of a secret.
  isBegun(data, at) {
    const left = data.length - at;
    const may = left < HEAD ? this.shapes : this.heads.get(data.readInt32BE(at)) || [];
    return may.some((shape) => shape.length > left && data.compare(shape, 0, left, at) === 0);
  }

  // The position of the longest unfinished secret at the end of the data.
  openEnd(data, from) {
    let at = Math.max(from, data.length - this.longest + 1);
    while (at < data.length && !this.isBegun(data, at)) at++;
    return at;
  }

  bytes(data) {
    const stream = this.stream();
    return Buffer.concat([stream.feed(data), stream.flush()]);
  }

  text(text) {
    return this.bytes(Buffer.from(text)).toString();
  }

  stream() {
    return new StreamRedactor(this);
  }
}

// Redacts a stream with the same result as for the whole text; holds back only an end that may become a secret.
class StreamRedactor {
  constructor(redactor) {
    this.redactor = redactor;
    this.held = Buffer.alloc(0);
  }

  feed(chunk) {
    const data = Buffer.concat([this.held, chunk]);
    return this.upTo(data, (from) => this.redactor.openEnd(data, from));
  }

  flush() {
    const { held } = this;
    return this.upTo(held, () => held.length);
  }

  // Redacts up to the cut. A secret that begins before the cut is complete; one that ends after it moves the cut.
  upTo(data, cutFrom) {
    const shown = [];
    let [at, cut] = [0, cutFrom(0)];
    for (
      let found = this.redactor.next(data, 0);
      found && found[0] < cut;
      found = this.redactor.next(data, at)
    ) {
      shown.push(data.subarray(at, found[0]), REPLACEMENT);
      [, at] = found;
      if (at > cut) cut = cutFrom(at);
    }
    this.held = data.subarray(cut);
    return Buffer.concat([...shown, data.subarray(at, cut)]);
  }
}

module.exports = { Redactor, scrubUrls };
