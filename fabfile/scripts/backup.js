// Makes one archive that is proven before anybody can see it. needs: common manifest archive
'use strict';
const directory = path.resolve(project, params.backup_dir);
require('os').setPriority(19); // the live app goes first

// What was installed tells most; size, time and mode of every file tell who edited one since. Inodes and change
// times tell nothing, as a deploy links the files elsewhere and back, unless what was installed is not known.
function fingerprint(name) {
  const installed = (params.about || {}).modules || '';
  const seen = crypto.createHash('sha256').update(`${installed}\0`);
  const walk = (place) => {
    for (const entry of fs.readdirSync(place, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const full = path.join(place, entry.name);
      const stat = fs.lstatSync(full);
      const told = entry.isSymbolicLink() ? fs.readlinkSync(full) : `${stat.size} ${stat.mtimeMs} ${installed ? '' : stat.ino}`;
      const own = entry.isDirectory() ? '' : told;
      seen.update(`${full}\0${stat.mode} ${own}\0`);
      if (entry.isDirectory()) walk(full);
    }
  };
  walk(path.join(project, name));
  return seen.digest('hex');
}

function known(print) {
  for (const manifest of backups().sort((one, other) => (other.sequence || 0) - (one.sequence || 0))) {
    const found = (manifest.parts || []).find((one) => one.fingerprint === print);
    const file = path.join(directory, `${manifest.name}.tar.gz`);
    if (found && exists(file) && fs.statSync(file).size === manifest.bytes) return { found, file };
  }
  return null;
}

async function part(archive, name) {
  if (name !== 'node_modules' || !fs.lstatSync(path.join(project, name)).isDirectory()) return archive.pack(name);
  const print = fingerprint(name);
  const before = known(print);
  const copied = before && archive.copy(before.found, before.file);
  if (copied) return copied;
  const packed = await archive.pack(name);
  return packed.consistent && fingerprint(name) === print ? { ...packed, fingerprint: print } : { ...packed, consistent: false };
}

// We hold the lock: what is half made is nobody's.
function sweepPartial() {
  for (const name of fs.readdirSync(directory)) {
    if (/^\.backup-.*\.partial$/.test(name)) fs.rmSync(path.join(directory, name), { recursive: true, force: true });
  }
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
  sweepPartial();
  const present = params.paths.filter((name) => exists(path.join(project, name)));
  if (present.length === 0) {
    fs.writeSync(1, 'nothing to back up yet\n');
    return { name: '' };
  }
  const name = freeName();
  const partial = path.join(directory, `.${name}.partial`);
  const temporary = path.join(partial, 'archive');
  try {
    const began = now();
    const archive = new Archive(temporary);
    const parts = [];
    for (const one of present) parts.push(await part(archive, one));
    const sha256 = await archive.finish();
    const sum = (key) => parts.reduce((all, one) => all + one[key], 0);
    const consistent = parts.every((one) => one.consistent);
    const manifest = { format: 1, name, at: now(), sequence: sequence(), ...params.about, ...(consistent ? {} : { verdict: 'unknown', consistent }), paths: present, absent: params.paths.filter((one) => !present.includes(one)), sha256, bytes: archive.bytes, plain_bytes: sum('plain'), entries: sum('entries'), parts, reused: parts.filter((one) => one.reused).map((one) => one.path), node: process.version, abi: process.versions.modules, seconds: Math.round((now() - began) * 1000) / 1000 };
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
