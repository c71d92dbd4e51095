// Writes a plain .tar.gz. Each part is a sequence of gzip members, so an unchanged part is copied from an older archive.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const zlib = require('zlib');
const { spawn } = require('child_process');
const { run } = require('../../remote/scripts/commands');
const { onPath, writeAll } = require('../../remote/scripts/files');
const { canRead } = require('../../remote/scripts/permissions');
const { sleep } = require('../../remote/scripts/time');
const { range } = require('./manifest');
const { BLOCK, BLOCK_BYTES, tarOf } = require('./tar_stream');
const { Print } = require('./tar_writer');

process.env.UV_THREADPOOL_SIZE = String(os.cpus().length + 1);
const gzip = require('util').promisify(zlib.gzip);
const write = require('util').promisify(fs.write);
const AHEAD = 6; // blocks that may wait to be compressed
const END = Buffer.alloc(2 * BLOCK_BYTES); // the end of a tar archive

// The fastest first; without any of them, Node compresses.
const COMPRESSORS = [
  ['igzip', '-1', '-c'],
  ['pigz', '-1', '-c', '-n'],
];
const compressor = () => COMPRESSORS.find(([program]) => onPath(program)) || null;

const broken = (program, code) =>
  Object.assign(new Error(`${program} failed (exit ${code})`), { compressor: true });

// fs.write may write only a part of the bytes.
async function pourOut(handle, bytes) {
  for (let at = 0; at < bytes.length;)
    at += (await write(handle, bytes, at, bytes.length - at)).bytesWritten;
}

class Archive {
  constructor(file, tell) {
    this.file = file;
    this.out = fs.openSync(file, 'ax+', 0o600);
    this.bytes = 0;
    this.sum = crypto.createHash('sha256');
    this.tell = tell;
    this.compressor = compressor();
  }

  write(bytes, sum) {
    writeAll(this.out, bytes);
    sum.update(bytes);
    this.sum.update(bytes);
    this.bytes += bytes.length;
  }

  mark() {
    return { bytes: this.bytes, sum: this.sum.copy() };
  }

  back(mark) {
    fs.ftruncateSync(this.out, mark.bytes);
    [this.bytes, this.sum] = [mark.bytes, mark.sum];
  }

  // Compresses blocks concurrently in Node's threads and writes them in order.
  async byNode(feed, sum) {
    const waiting = [];
    for (const block of feed) {
      waiting.push(gzip(block, { level: 1, memLevel: 9, chunkSize: BLOCK })); // one output chunk, not one for each 16 kB
      if (waiting.length > AHEAD) this.write(await waiting.shift(), sum);
    }
    for (const bytes of waiting) this.write(await bytes, sum);
  }

  // Compresses by a program that writes into the archive itself. Its input is a named pipe, so that a thread can wait
  // for it while the next block is read.
  async byProgram(argv, feed, sum) {
    const pipe = `${this.file}.pipe`;
    if (run(['mkfifo', '-m', '600', pipe]).code !== 0) throw broken('mkfifo', 1);
    const reader = fs.openSync(pipe, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const writer = fs.openSync(pipe, fs.constants.O_WRONLY);
    const child = spawn(argv[0], argv.slice(1), { stdio: [reader, this.out, 'ignore'] });
    const ended = new Promise((done) => child.on('error', () => done(127)).on('close', done));
    fs.closeSync(reader);
    const went = await this.pour(feed, writer);
    fs.closeSync(writer);
    fs.unlinkSync(pipe);
    const code = await ended;
    if (code !== 0 || !went) throw broken(argv[0], code);
    this.takeIn(went, argv[0], sum);
  }

  // Returns the length and checksum of the input; null if the program stopped reading.
  async pour(feed, writer) {
    let [size, sum, last] = [0, 0, Promise.resolve()];
    const waiting = [];
    try {
      for (const block of feed) {
        size += block.length;
        if (zlib.crc32) sum = zlib.crc32(block, sum);
        last = last.then(() => pourOut(writer, block));
        last.catch(() => {});
        waiting.push(last);
        if (waiting.length > AHEAD) await waiting.shift();
      }
      await last;
    } catch (error) {
      if (error.code !== 'EPIPE') throw error;
      return null;
    }
    return { size, sum };
  }

  // Adds the program's output to the digests. The trailer of the gzip member must have the length and checksum of the
  // input, as the program may have been killed or be broken.
  takeIn(went, name, sum) {
    const from = this.bytes;
    const length = fs.fstatSync(this.out).size - from;
    let last = Buffer.alloc(0);
    for (const piece of range(this.out, from, length)) {
      sum.update(piece);
      this.sum.update(piece);
      last = Buffer.concat([last, piece.subarray(-8)]).subarray(-8);
    }
    this.bytes += length;
    const right =
      last.length === 8 &&
      last.readUInt32LE(4) === went.size % 2 ** 32 &&
      (!zlib.crc32 || last.readUInt32LE(0) === went.sum);
    if (!right) throw broken(name, 0);
  }

  // Reads a part once, and hashes, counts and compresses it while reading.
  async packOnce(root, name) {
    const [print, sum, offset] = [new Print(root), crypto.createHash('sha256'), this.bytes];
    let plain = 0;
    const feed = (function* counted(tell) {
      for (const block of tarOf(root, name, print)) {
        plain += block.length;
        tell(block.length);
        yield block;
      }
    })(this.tell);
    if (this.compressor) await this.byProgram(this.compressor, feed, sum);
    else await this.byNode(feed, sum);
    const {
      content,
      weak,
      strong,
      changed,
      entries,
      skipped,
      unreadable: shut,
      steady: consistent,
    } = print;
    return {
      path: name,
      offset,
      bytes: this.bytes - offset,
      plain,
      entries,
      sha256: sum.digest('hex'),
      content,
      weak,
      strong,
      changed,
      skipped,
      shut,
      consistent,
    };
  }

  // Packs a part; again if the app wrote into it meanwhile, or with Node's compressor if the program failed.
  async pack(root, name, more = true) {
    const mark = this.mark();
    try {
      const packed = await this.packOnce(root, name);
      if (packed.consistent || !more) return packed;
    } catch (error) {
      if (!error.compressor) throw error;
      this.compressor = null;
      this.back(mark);
      return this.pack(root, name, more);
    }
    this.back(mark);
    await sleep(0.05); // a file that was written just now could change again with the same time
    return this.pack(root, name, false);
  }

  // Copies a part from an older archive and checks its digest, so that damage is not copied. Null if it is damaged.
  copy(part, from) {
    const [mark, sum, offset] = [this.mark(), crypto.createHash('sha256'), this.bytes];
    if (!canRead(from)) return null;
    for (const piece of range(from, part.offset, part.bytes)) this.write(piece, sum);
    this.tell(part.plain);
    if (sum.digest('hex') === part.sha256) return { ...part, offset, reused: true };
    this.back(mark);
    return null;
  }

  async finish() {
    this.write(await gzip(END), crypto.createHash('sha256'));
    fs.fsyncSync(this.out);
    fs.closeSync(this.out);
    return this.sum.digest('hex');
  }
}

module.exports = { Archive };
