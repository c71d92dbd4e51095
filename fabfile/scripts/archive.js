// One plain .tar.gz out of parts, each a run of gzip members: a part that is known is copied as it is. needs: common
'use strict';
const zlib = require('zlib');
const crypto = require('crypto');
const { promisify } = require('util');
const gzip = promisify(zlib.gzip);
const BLOCK = 8 << 20;

// tar ends with two empty blocks; they are held back, so that another part can follow.
const TAIL = 1024;

// Counts the members as they pass: what tar says it wrote is not what the bytes say.
class Members {
  constructor() {
    this.count = 0;
    this.skip = 0;
    this.rest = Buffer.alloc(0);
  }

  feed(chunk) {
    let at = 0;
    while (at < chunk.length) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, chunk.length - at);
        this.skip -= step;
        at += step;
        continue;
      }
      const need = 512 - this.rest.length;
      const part = chunk.subarray(at, at + need);
      at += part.length;
      this.rest = Buffer.concat([this.rest, part]);
      if (this.rest.length === 512) this.header();
    }
  }

  header() {
    const header = this.rest;
    this.rest = Buffer.alloc(0);
    if (header[0] === 0) return;
    const size = header[124] & 0x80 ? Number(header.readBigUInt64BE(128)) : parseInt(header.toString('latin1', 124, 136), 8) || 0;
    if (!'xgLK'.includes(String.fromCharCode(header[156]))) this.count += 1;
    this.skip = Math.ceil(size / 512) * 512;
  }
}

async function* blocks(stream) {
  let held = [];
  let size = 0;
  for await (const chunk of stream) {
    held.push(chunk);
    size += chunk.length;
    if (size >= BLOCK) {
      yield Buffer.concat(held);
      held = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(held);
}

// Everything but the last two blocks.
async function* withoutTail(stream) {
  let held = Buffer.alloc(0);
  for await (const block of blocks(stream)) {
    const all = Buffer.concat([held, block]);
    const size = Math.max(0, all.length - TAIL);
    held = all.subarray(size);
    if (size > 0) yield all.subarray(0, size);
  }
}

class Archive {
  constructor(file) {
    this.out = fs.openSync(file, 'ax+', 0o600);
    this.bytes = 0;
  }

  write(bytes, sum) {
    writeAll(this.out, bytes);
    sum.update(bytes);
    this.bytes += bytes.length;
  }

  // Blocks are compressed side by side in Node's own threads and written in order.
  async compress(stream, sum, members) {
    const waiting = [];
    let plain = 0;
    for await (const block of withoutTail(stream)) {
      members.feed(block);
      plain += block.length;
      waiting.push(gzip(block, { level: 1 }));
      if (waiting.length >= 4) this.write(await waiting.shift(), sum);
    }
    for (const bytes of waiting) this.write(await bytes, sum);
    return plain;
  }

  async pack(name) {
    const tar = spawn('tar', ['--create', '--format=gnu', '--sort=name', '-b1', '--directory', project, '--', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    tar.stderr.on('data', (chunk) => (said += chunk));
    const ended = new Promise((done) => {
      tar.on('error', () => done(127));
      tar.on('close', done);
    });
    const [offset, sum, members] = [this.bytes, crypto.createHash('sha256'), new Members()];
    const plain = await this.compress(tar.stdout, sum, members);
    const code = await ended;
    if (code !== 0 && code !== 1) throw refuse(`tar ended with exit ${code}: ${said.trim().slice(-400)}`);
    return { path: name, offset, bytes: this.bytes - offset, plain, entries: members.count, sha256: sum.digest('hex'), consistent: code === 0 };
  }

  // Held against its own digest on the way: rot in an old archive must not spread to a new one.
  copy(part, from) {
    const [offset, sum] = [this.bytes, crypto.createHash('sha256')];
    const source = fs.openSync(from, 'r');
    const buffer = Buffer.alloc(1 << 20);
    for (let left = part.bytes, at = part.offset; left > 0;) {
      const size = fs.readSync(source, buffer, 0, Math.min(left, buffer.length), at);
      if (size === 0) break;
      this.write(buffer.subarray(0, size), sum);
      left -= size;
      at += size;
    }
    fs.closeSync(source);
    if (sum.digest('hex') === part.sha256) return { ...part, offset, reused: true };
    fs.ftruncateSync(this.out, offset);
    this.bytes = offset;
    return null;
  }

  async finish() {
    this.write(await gzip(Buffer.alloc(TAIL)), crypto.createHash('sha256'));
    fs.fsyncSync(this.out);
    const [sum, buffer] = [crypto.createHash('sha256'), Buffer.alloc(1 << 20)];
    for (let at = 0, size; (size = fs.readSync(this.out, buffer, 0, buffer.length, at)) > 0; at += size) sum.update(buffer.subarray(0, size));
    fs.closeSync(this.out);
    return sum.digest('hex');
  }
}
