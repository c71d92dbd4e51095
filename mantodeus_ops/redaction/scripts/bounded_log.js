// Bounds the output of a program in a log: keeps its beginning and its end, and reports the size of the rest.
'use strict';
const HEAD_BYTES = 1 << 20;
const TAIL_BYTES = 4 << 20;
const NEWLINE = 10;

// Writes the beginning at once and the end when the program ends: a log only grows, as its followers expect.
class Bounded {
  constructor(write, { head = HEAD_BYTES, tail = TAIL_BYTES } = {}) {
    this.write = write;
    this.head = head;
    this.tail = tail;
    this.ring = null;
    this.held = 0;
    this.torn = false;
  }

  add(bytes) {
    if (this.head >= bytes.length) return this.begin(bytes, bytes.length);
    const line = this.head ? bytes.lastIndexOf(NEWLINE, this.head - 1) + 1 : 0;
    const first = line || this.head;
    if (first) this.begin(bytes, first);
    this.head = 0;
    return this.hold(bytes.subarray(first));
  }

  begin(bytes, length) {
    this.write(bytes.subarray(0, length));
    this.head -= length;
    if (length) this.torn = bytes[length - 1] !== NEWLINE;
  }

  // A ring buffer, which takes the same memory however much is written.
  hold(bytes) {
    this.ring = this.ring || Buffer.allocUnsafe(this.tail);
    this.held += Math.max(0, bytes.length - this.tail);
    for (let rest = bytes.subarray(Math.max(0, bytes.length - this.tail)); rest.length;) {
      const size = rest.copy(this.ring, this.held % this.tail);
      this.held += size;
      rest = rest.subarray(size);
    }
  }

  // The end of the output; begins with a whole line if something is left out before it.
  last() {
    if (this.held <= this.tail) return this.ring.subarray(0, this.held);
    const at = this.held % this.tail;
    const all = Buffer.concat([this.ring.subarray(at), this.ring.subarray(0, at)]);
    const line = all.indexOf(NEWLINE) + 1;
    return line < all.length ? all.subarray(line) : all;
  }

  end() {
    if (!this.held) return;
    const last = this.last();
    const lost = this.held - last.length;
    const size = lost < 1e6 ? `${lost} bytes` : `${Math.round(lost / 1e6)} MB`;
    if (lost) this.write(Buffer.from(`${this.torn ? '\n' : ''}… ${size} left out …\n`));
    this.write(last);
    this.held = 0;
  }
}

module.exports = { Bounded };
