// Proves that an install is complete, and that it may be moved to where it is to be live.
'use strict';
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const { promisify } = require('util');
const { installedIn } = require('../../app/scripts/made_files');
const { run } = require('../../remote/scripts/commands');
const { refuse } = require('../../remote/scripts/errors');
const { exists, readJson } = require('../../remote/scripts/files');
const { print } = require('../../remote/scripts/job_log');
const { inDeploy, params } = require('../../remote/scripts/params');
const { openUp } = require('../../remote/scripts/permissions');
const { writeWhole } = require('../../remote/scripts/state_file');
const { trimmed } = require('../../text/whitespace');
const { makeMovable } = require('./movable_install');

const gunzip = promisify(zlib.gunzip);
const inStaging = (...names) => inDeploy('staging', ...names);
const atLock = (...names) => inStaging(params.place || '', ...names);

function tarSizes(tar) {
  const sizes = new Map();
  let long = '';
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const text = (from, length) =>
      tar
        .subarray(at + from, at + from + length)
        .toString()
        .replace(/\0[\s\S]*$/, '');
    const size = parseInt(text(124, 12), 8) || 0;
    const type = text(156, 1) || '0';
    const body = tar.subarray(at + 512, at + 512 + size);
    const name =
      long ||
      (text(257, 5) === 'ustar' && text(345, 155)
        ? `${text(345, 155)}/${text(0, 100)}`
        : text(0, 100));
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
  const file = path.join(
    cache,
    '_cacache',
    'content-v2',
    algorithm,
    hex.slice(0, 2),
    hex.slice(2, 4),
    hex.slice(4),
  );
  return exists(file) ? file : null;
}

// package.json is rewritten by no installer, but a bin file may get a shebang fixed: only what is short is broken.
async function shortFile(place, archive) {
  const sizes = tarSizes(await gunzip(fs.readFileSync(archive)));
  for (const [name, size] of sizes) {
    const file = path.join(place, name);
    if (!exists(file)) return `${name} is missing`;
    const found = fs.lstatSync(file).size;
    if (
      found < size &&
      !(size - found < 64 && fs.readFileSync(file).subarray(0, 2).toString() === '#!')
    )
      return `${name} has ${found} of ${size} bytes`;
  }
  return '';
}

function wrongPackage(place, wanted) {
  const found = readJson(path.join(place, 'package.json'));
  if (!found) return exists(place) ? 'its package.json cannot be read' : 'it is missing';
  return wanted.version && found.version !== wanted.version
    ? `it is ${found.version}, not ${wanted.version}`
    : '';
}

// npm lists packages for other platforms as optional, and what no package asks for as extraneous: `npm ci` leaves it out.
const mayBeAbsent = (entry) => Boolean(entry.optional || entry.peer || entry.extraneous);

// npm may exit 0 over a package of which only a part was unpacked: every file is held against its archive.
async function proveByNpm() {
  const lock = readJson(atLock('package-lock.json')) || readJson(atLock('npm-shrinkwrap.json'));
  const cache = params.npm_cache || trimmed(run(['npm', 'config', 'get', 'cache']).stdout);
  const wanted = Object.entries((lock && lock.packages) || {}).filter(
    ([name, entry]) => name && !entry.link && name.includes('node_modules/'),
  );
  let proven = 0;
  const broken = [];
  for (const [name, entry] of wanted) {
    const place = atLock(name);
    if (mayBeAbsent(entry) && !exists(place)) continue;
    const archive = cached(cache, entry.integrity);
    const wrong =
      wrongPackage(place, entry) ||
      (archive && !entry.inBundle ? await shortFile(place, archive) : '');
    proven += archive ? 1 : 0;
    if (wrong) broken.push(`${name}: ${wrong}`);
  }
  if (broken.length)
    throw refuse('install-incomplete', {
      broken: broken.length,
      wanted: wanted.length,
      names: broken.slice(0, 3).join('; '),
    });
  print(`${wanted.length} packages complete, ${proven} held against their archives`);
}

function packagesIn(modules) {
  const names = fs.readdirSync(inStaging(modules)).filter((name) => !name.startsWith('.'));
  const inner = (name) => fs.readdirSync(inStaging(modules, name)).map((one) => `${name}/${one}`);
  const packages = names.flatMap((name) => (name.startsWith('@') ? inner(name) : [name]));
  return packages.map((name) => path.join(modules, name));
}

function isBroken(name) {
  const place = inStaging(name);
  if (!fs.existsSync(place)) return true; // a link to nothing
  return fs.statSync(place).isDirectory() && Boolean(wrongPackage(place, {}));
}

// Without npm's lockfile there is no list to hold it against; a package that cannot be read is still found.
function proveOther(names) {
  const modules = names.filter((name) => path.basename(name) === 'node_modules');
  const packages = modules.flatMap(packagesIn);
  const broken = packages.filter(isBroken);
  if (broken.length)
    throw refuse('packages-unreadable', {
      broken: broken.length,
      names: broken.slice(0, 3).join(', '),
    });
  if (packages.length) print(`${packages.length} packages readable`);
}

const writeInstalled = (paths) => writeWhole(inDeploy('installed.json'), JSON.stringify({ paths }));

async function proveInstall() {
  const names = installedIn(inDeploy('staging'));
  for (const name of names) openUp(inStaging(name)); // an install may leave directories that cannot be read
  const byNpm = ['package-lock.json', 'npm-shrinkwrap.json'].some((name) => exists(atLock(name)));
  if (byNpm && (params.manager || 'npm') === 'npm') await proveByNpm();
  else {
    proveOther(names);
    for (const name of names) makeMovable(name);
  }
  writeInstalled(names);
}

module.exports = { proveInstall, writeInstalled };
