// Keeps the assets of the version that leaves reachable beside those of the version that comes, for their time.
'use strict';
const fs = require('fs');
const path = require('path');
const {
  isSameFile,
  lookAtFile,
  oldAssetsAt,
  readIndex,
  storedAt,
  writeIndex,
} = require('../../app/scripts/asset_store');
const { asText, latin, walk } = require('../../backup/scripts/tar_writer');
const { exists, isWithin, namesIn } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { now } = require('../../remote/scripts/time');
const { sourceOf } = require('../../transaction/scripts/swap');

// The folders of assets within the outputs that are swapped, each with its output.
function regions() {
  const pairs = (params.assets || []).flatMap((place) =>
    params.swaps.map((output) => ({ output, place })),
  );
  return pairs
    .filter(({ output, place }) => isWithin(place, output) || isWithin(output, place))
    .map(({ output, place }) => ({ output, place: isWithin(place, output) ? place : output }));
}

// Never over another file; on a file system without hard links it is copied, with its times.
function linkFile(from, to) {
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (error.code === 'EEXIST') return;
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL);
    const { atime, mtime, mode } = fs.statSync(from);
    fs.chmodSync(to, mode);
    fs.utimesSync(to, atime, mtime);
  }
}

// A file that was unpacked from a backup is another one with the same content.
function isStored(name) {
  const [live, kept] = [path.join(project, name), storedAt(name)];
  if (isSameFile(live, kept)) return true;
  return fs.statSync(live).size === fs.statSync(kept).size && sameBytes(live, kept);
}

const sameBytes = (one, other) => fs.readFileSync(one).equals(fs.readFileSync(other));

function store(name) {
  const to = storedAt(name);
  fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  linkFile(path.join(project, name), to);
}

// What the app wrote into the live output is no asset; where the version left no listing, all of it is taken for one.
function leavingAssets({ output, place }) {
  const stat = lookAtFile(path.join(project, place));
  if (!stat || !stat.isDirectory()) return [];
  const { [output]: listed } = JSON.parse(textOfListing());
  const own = listed && new Set(listed);
  return [...walk(latin(project), latin(place))]
    .filter((entry) => entry.stat && entry.stat.isFile())
    .map((entry) => asText(entry.name))
    .filter((name) => !own || own.has(name));
}

const textOfListing = () =>
  exists(inDeploy('outputs.json')) ? fs.readFileSync(inDeploy('outputs.json'), 'utf8') : '{}';

// Makes the directories between an output and one of its files, as open as the one that they are made in.
function makeParents(root, output, name) {
  const inside = path.dirname(name).slice(output.length).split('/').filter(Boolean);
  let place = path.join(root, output);
  for (const part of ['', ...inside]) {
    const above = place;
    place = part ? path.join(place, part) : place;
    const stat = lookAtFile(place);
    if (stat && !stat.isDirectory()) return false; // a link, or a file of the new version
    if (stat) continue;
    if (!part) return false;
    fs.mkdirSync(place);
    fs.chmodSync(place, fs.statSync(above).mode & 0o7777);
  }
  return true;
}

function show(names) {
  for (const { output, place } of regions()) {
    const root = inDeploy(sourceOf(output));
    for (const name of names.filter((one) => isWithin(one, place)))
      if (exists(storedAt(name)) && makeParents(root, output, name))
        linkFile(storedAt(name), path.join(root, name));
  }
}

function removeEmptyParents(root, name) {
  for (let place = path.dirname(name); place !== '.'; place = path.dirname(place)) {
    try {
      fs.rmdirSync(path.join(root, place));
    } catch {
      return;
    }
  }
}

// Takes these names away everywhere but where a version has the file itself.
function drop(names) {
  const roots = [project, ...namesIn(inDeploy('previous')).map((run) => inDeploy('previous', run))];
  for (const root of roots) {
    const isOld = oldAssetsAt(root);
    for (const name of isOld ? names.filter(isOld) : []) {
      fs.rmSync(path.join(root, name), { force: true });
      removeEmptyParents(root, name);
    }
  }
  for (const name of names) {
    fs.rmSync(storedAt(name), { force: true });
    removeEmptyParents(inDeploy('assets'), name);
  }
  const left = Object.entries(readIndex()).filter(([name]) => !names.includes(name));
  writeIndex(Object.fromEntries(left));
}

// Before the swap. Each step may be repeated after an interruption.
function keepAssets() {
  const leaving = regions().flatMap(leavingAssets);
  const index = readIndex();
  if (leaving.length === 0 && Object.keys(index).length === 0) return;
  drop(leaving.filter((name) => exists(storedAt(name)) && !isStored(name)));
  leaving.forEach(store);
  const seen = { ...readIndex(), ...Object.fromEntries(leaving.map((name) => [name, now()])) };
  writeIndex(seen);
  const isPast = ([, at]) => at + params.keep_assets < now();
  drop(
    Object.entries(seen)
      .filter(isPast)
      .map(([name]) => name),
  );
  show(Object.keys(readIndex()));
}

// All that are kept, and what they take: a file of the live version itself takes nothing more.
function storedAssets() {
  const names = Object.keys(readIndex()).filter((name) => exists(storedAt(name)));
  const own = new Set(Object.values(JSON.parse(textOfListing())).flat());
  const isShared = (name) => own.has(name) && isSameFile(path.join(project, name), storedAt(name));
  const bytesOf = (name) => (isShared(name) ? 0 : fs.statSync(storedAt(name)).blocks * 512);
  return { names, bytes: names.reduce((sum, name) => sum + bytesOf(name), 0) };
}

module.exports = { drop, keepAssets, storedAssets };
