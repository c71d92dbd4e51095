// node_modules for the staged build: taken over by hard links, or proven after an install. needs: common
'use strict';
const zlib = require('zlib');
const { promisify } = require('util');
const gunzip = promisify(zlib.gunzip);
const live = path.join(project, 'node_modules');
const staged = inDeploy('staging', 'node_modules');
const seenFile = inDeploy('modules.json');

function* files(directory) {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const full = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else if (entry.isFile()) yield full;
  }
}

// Places that builds are known to write into get files of their own.
function ownPlaces() {
  const places = fs.readdirSync(live).filter((name) => name.startsWith('.') && name !== '.pnpm');
  return exists(path.join(live, '@prisma')) ? [...places, '@prisma'] : places;
}

function* sharedFiles() {
  const own = ownPlaces();
  for (const name of fs.readdirSync(live).filter((one) => !own.includes(one)).sort()) {
    const full = path.join(live, name);
    if (fs.lstatSync(full).isDirectory()) yield* files(full);
    else yield full;
  }
}

// Size, time and number of every file that both have: a write through a hard link would show in the live one.
function fingerprint() {
  const seen = crypto.createHash('sha1');
  let newest = { file: '', at: 0 };
  for (const file of sharedFiles()) {
    const stat = fs.lstatSync(file);
    seen.update(`${file}\0${stat.size} ${stat.mtimeMs} ${stat.ino}\0`);
    if (stat.ctimeMs > newest.at) newest = { file, at: stat.ctimeMs };
  }
  return { digest: seen.digest('hex'), newest: newest.file };
}

function demandRun(argv) {
  const done = run(argv);
  if (done.code !== 0) throw refuse('copy-failed', { ended: done.code, why: endOf(done.stderr) });
}

function clone() {
  fs.rmSync(seenFile, { force: true }); // of an earlier stage
  if (exists(staged)) removeTree(staged);
  if (run(['cp', '-al', live, staged]).code !== 0) {
    removeTree(staged);
    demandRun(['cp', '-a', live, staged]);
    return;
  }
  for (const name of ownPlaces()) {
    removeTree(path.join(staged, name));
    demandRun(['cp', '-a', path.join(live, name), path.join(staged, name)]);
  }
  writeWhole(seenFile, JSON.stringify(fingerprint()));
}

function untouched() {
  const before = readState(seenFile);
  if (!before) return;
  const after = fingerprint();
  if (before.digest === after.digest) return;
  const newest = path.relative(project, after.newest);
  throw refuse('modules-written', { newest });
}

function tarSizes(tar) {
  const sizes = new Map();
  let long = '';
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const text = (from, length) => tar.subarray(at + from, at + from + length).toString().replace(/\0[\s\S]*$/, '');
    const size = parseInt(text(124, 12), 8) || 0;
    const type = text(156, 1) || '0';
    const body = tar.subarray(at + 512, at + 512 + size);
    const name = long || (text(257, 5) === 'ustar' && text(345, 155) ? `${text(345, 155)}/${text(0, 100)}` : text(0, 100));
    if (type === 'x') long = (/(?:^|\n)\d+ path=([^\n]*)\n/.exec(body.toString()) || [])[1] || '';
    else if (type === 'L') long = body.toString().replace(/\0[\s\S]*$/, '');
    else {
      if (type === '0') sizes.set(name.split('/').slice(1).join('/'), size);
      long = '';
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return sizes;
}

function cached(cache, integrity) {
  const [algorithm, base64] = (integrity || '').split(' ')[0].split(/-(.*)/s);
  if (!base64) return null;
  const hex = Buffer.from(base64, 'base64').toString('hex');
  const file = path.join(cache, '_cacache', 'content-v2', algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4));
  return exists(file) ? file : null;
}

// package.json is rewritten by no installer, but a bin file may get a shebang fixed: only what is short is broken.
async function shortFile(place, archive) {
  const sizes = tarSizes(await gunzip(fs.readFileSync(archive)));
  for (const [name, size] of sizes) {
    const file = path.join(place, name);
    if (!exists(file)) return `${name} is missing`;
    const found = fs.lstatSync(file).size;
    if (found < size && !(size - found < 64 && fs.readFileSync(file).subarray(0, 2).toString() === '#!')) return `${name} has ${found} of ${size} bytes`;
  }
  return '';
}

function wrongPackage(place, wanted) {
  const found = readJson(path.join(place, 'package.json'));
  if (!found) return exists(place) ? 'its package.json cannot be read' : 'it is missing';
  return wanted.version && found.version !== wanted.version ? `it is ${found.version}, not ${wanted.version}` : '';
}

// npm may exit 0 over a package of which only a part was unpacked: every file is held against its archive.
async function prove() {
  openUp(staged); // an install may leave directories that cannot be read
  const lock = readJson(inDeploy('staging', 'package-lock.json')) || readJson(inDeploy('staging', 'npm-shrinkwrap.json'));
  const cache = params.npm_cache || trimmed(run(['npm', 'config', 'get', 'cache']).stdout);
  const wanted = Object.entries((lock && lock.packages) || {}).filter(([name, entry]) => name && !entry.link && name.includes('node_modules/'));
  let proven = 0;
  const broken = [];
  for (const [name, entry] of wanted) {
    const place = inDeploy('staging', name);
    if (entry.optional && !exists(place)) continue;
    if (entry.peer && !exists(place)) continue;
    const archive = cached(cache, entry.integrity);
    const wrong = wrongPackage(place, entry) || (archive && !entry.inBundle ? await shortFile(place, archive) : '');
    proven += archive ? 1 : 0;
    if (wrong) broken.push(`${name}: ${wrong}`);
  }
  if (broken.length) throw refuse('install-incomplete', { broken: broken.length, wanted: wanted.length, names: broken.slice(0, 3).join('; ') });
  print(`${wanted.length} packages complete, ${proven} held against their archives`);
}

// Without npm's lockfile there is no list to hold it against; a package that cannot be read is still found.
function proveOther() {
  openUp(staged);
  const names = fs.readdirSync(staged).filter((name) => !name.startsWith('.')).flatMap((name) => (name.startsWith('@') ? fs.readdirSync(path.join(staged, name)).map((inner) => `${name}/${inner}`) : [name]));
  const broken = names.filter((name) => fs.statSync(path.join(staged, name)).isDirectory() && wrongPackage(path.join(staged, name), {}));
  if (broken.length) throw refuse('packages-unreadable', { broken: broken.length, names: broken.slice(0, 3).join(', ') });
  print(`${names.length} packages readable`);
}

const works = { clone, untouched, prove: () => (exists(inDeploy('staging', 'package-lock.json')) || exists(inDeploy('staging', 'npm-shrinkwrap.json')) ? prove() : proveOther()) };
Promise.resolve().then(works[params.work]).catch(fail);
