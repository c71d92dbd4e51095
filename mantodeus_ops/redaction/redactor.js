// Keeps secrets out of every text that leaves a program: what redaction/redactor.py does, on bytes.
'use strict';
const { shapesOf } = require('./encodings');

const REPLACEMENT = Buffer.from('[secret]');
const HEAD = 4; // bytes of every shape that are looked at first
const ANY_LOGIN =
  /\/\/[^ \t\n\r\f\v/@:"<>]*:[^ \t\n\r\f\v/"<>]*@|(?<=https?:)\/\/[^ \t\n\r\f\v/@"<>]+@/gi;

const scrubUrls = (text) => text.replace(ANY_LOGIN, '//[secret]@');

class Redactor {
  constructor(secrets) {
    this.shapes = [...new Set(secrets.flatMap(shapesOf))]
      .map((shape) => Buffer.from(shape))
      .sort((one, other) => other.length - one.length);
    this.longest = this.shapes.length ? this.shapes[0].length : 0;
    this.heads = new Map();
    // How far the next place is at which a shape can begin, by the last two bytes of the four at hand.
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

  // The size of the longest shape that stands here; 0 where none does.
  sizeAt(data, at) {
    const found = (this.heads.get(data.readInt32BE(at)) || []).find(
      (shape) =>
        shape.length <= data.length - at &&
        data.compare(shape, 0, shape.length, at, at + shape.length) === 0,
    );
    return found ? found.length : 0;
  }

  // Where the first secret from a place on begins and ends.
  next(data, from) {
    for (let at = from; at + HEAD <= data.length;) {
      const skip = this.skips[(data[at + 2] << 8) | data[at + 3]];
      const size = skip ? 0 : this.sizeAt(data, at);
      if (size) return [at, at + size];
      at += skip || 1;
    }
    return null;
  }

  // Whether a secret begins with all that is left from a place on, and goes on.
  isBegun(data, at) {
    const left = data.length - at;
    const may = left < HEAD ? this.shapes : this.heads.get(data.readInt32BE(at)) || [];
    return may.some((shape) => shape.length > left && data.compare(shape, 0, left, at) === 0);
  }

  // Where, from a place on, the longest unfinished secret at the end begins.
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

// What it returns in all is what is made of the whole; only an end that may become a secret is held back.
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

  // A secret that begins before the cut cannot grow any more; what began inside of one begins no more.
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
