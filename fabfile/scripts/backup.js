// Makes one archive that is proven before anybody can see it. needs: common manifest
'use strict';
const zlib = require('zlib');
const crypto = require('crypto');
const { promisify } = require('util');
const gzip = promisify(zlib.gzip);
const directory = path.resolve(project, params.backup_dir);
const BLOCK = 8 << 20;

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

// Blocks are compressed side by side in Node's own threads and written in order, each a gzip member of its own.
async function compress(stream, out, sums) {
  const waiting = [];
  const drain = async () => {
    const bytes = await waiting.shift();
    sums.hash.update(bytes);
    sums.bytes += bytes.length;
    fs.writeSync(out, bytes);
  };
  for await (const block of blocks(stream)) {
    sums.members.feed(block);
    sums.plain += block.length;
    waiting.push(gzip(block, { level: 1 }));
    if (waiting.length >= 4) await drain();
  }
  while (waiting.length) await drain();
}

async function archive(present, out) {
  const tar = spawn('tar', ['--create', '--format=gnu', '--sort=name', '--directory', project, '--', ...present], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  tar.stderr.on('data', (chunk) => (said += chunk));
  const ended = new Promise((done) => {
    tar.on('error', () => done(127));
    tar.on('close', done);
  });
  const sums = { hash: crypto.createHash('sha256'), bytes: 0, plain: 0, members: new Members() };
  await compress(tar.stdout, out, sums);
  const code = await ended;
  if (code > 1) throw refuse(`tar ended with exit ${code}: ${said.trim().slice(-400)}`);
  return { ...sums, consistent: code === 0 };
}

function freeName() {
  for (let stamp = new Date(); ; stamp = new Date(stamp.getTime() + 1000)) {
    const digits = stamp.toISOString().replace(/\D/g, '').slice(0, 14);
    const name = `backup-${digits.slice(0, 8)}-${digits.slice(8)}`;
    try {
      fs.mkdirSync(path.join(directory, `.${name}.partial`), { mode: 0o700 });
      if (!exists(path.join(directory, `${name}.tar.gz`))) return name;
      fs.rmdirSync(path.join(directory, `.${name}.partial`));
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

async function backup() {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const present = params.paths.filter((name) => exists(path.join(project, name)));
  if (present.length === 0) {
    fs.writeSync(1, 'nothing to back up yet\n');
    return { name: '' };
  }
  const name = freeName();
  const partial = path.join(directory, `.${name}.partial`);
  const temporary = path.join(partial, 'archive');
  try {
    const out = fs.openSync(temporary, 'wx', 0o600);
    const began = now();
    const sums = await archive(present, out);
    fs.fsyncSync(out);
    fs.closeSync(out);
    const manifest = { format: 1, name, at: now(), sequence: sequence(), ...params.about, ...(sums.consistent ? {} : { verdict: 'unknown', consistent: false }), paths: present, absent: params.paths.filter((one) => !present.includes(one)), sha256: sums.hash.digest('hex'), bytes: sums.bytes, plain_bytes: sums.plain, entries: sums.members.count, node: process.version, abi: process.versions.modules, seconds: Math.round((now() - began) * 1000) / 1000 };
    fs.renameSync(temporary, path.join(directory, `${name}.tar.gz`));
    syncDirectory(directory);
    writeWhole(path.join(directory, `${name}.json`), JSON.stringify(manifest));
    return manifest;
  } finally {
    fs.rmSync(partial, { recursive: true, force: true });
  }
}

// Order comes from a number that only grows; clocks jump.
function sequence() {
  return 1 + Math.max(0, ...backups().map((one) => one.sequence || 0));
}

backup().then((manifest) => {
  writeWhole(inDeploy('jobs', params.job, 'result.json'), JSON.stringify(manifest));
  if (manifest.name) fs.writeSync(1, `${manifest.name}: ${manifest.entries} entries, ${manifest.bytes} bytes in ${manifest.seconds} s\n`);
}, (error) => {
  fs.writeSync(1, `${explain(error).error}\n`);
  process.exit(1);
});
