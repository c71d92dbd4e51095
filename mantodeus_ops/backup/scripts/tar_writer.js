// A part of the app on the disk: what it is, told without reading it.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { project } = require('../../remote/scripts/params');

const SMALL_BYTES = 32 << 20; // read without a second thought

// A name on the disk is bytes, and latin1 is how they are kept as text here.
const latin = (text) => Buffer.from(text).toString('latin1');
const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO']; // what was looked at is not there any more, or something else is
const asText = (name) => Buffer.from(name, 'latin1').toString();
const bytesOf = (name) => (/^[\x00-\x7f]*$/.test(name) ? name : Buffer.from(name, 'latin1'));

function lookAt(full) {
  try {
    return fs.lstatSync(full);
  } catch (error) {
    if (!GONE.includes(error.code)) throw error;
    return null;
  }
}

const SHUT = ['EACCES', 'EPERM']; // what this account cannot read is named, and takes nothing else along

// The file that was looked at, or -1 when it is gone; a pipe in its place must not make the reader wait.
function openFile(full, { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants) {
  let handle = -1;
  try {
    handle = fs.openSync(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (!GONE.includes(error.code)) throw error;
  }
  if (handle < 0 || fs.fstatSync(handle).isFile()) return handle;
  fs.closeSync(handle);
  return -1;
}

// Null for one that this account cannot read.
function readableFile({ full }) {
  try {
    return openFile(full);
  } catch (error) {
    if (!SHUT.includes(error.code)) throw error;
    return null;
  }
}

// Everything below a name, directories before what they hold, in an order that is the same everywhere. What is
// neither file, directory nor link is no part of a version; what goes away meanwhile is yielded as gone. A name that
// one of these patterns matches is left out, with all below it.
function* walk(root, name, { without = [], see = entryAt } = {}) {
  for (const waiting = [[name]]; waiting.length > 0;) {
    const [place, dirent] = waiting.pop();
    if (without.some((one) => one.test(place))) continue;
    const [entry, inside] = see(root, place, dirent);
    yield entry;
    for (let at = inside.length - 1; at >= 0; at--) {
      const one = inside[at];
      waiting.push(one.name ? [`${entry.name}/${one.name}`, one] : [`${entry.name}/${one}`]);
    }
  }
}

// Only what kind it is, as its directory says: that takes a fraction of the time.
function kindAt(root, name, dirent) {
  const full = bytesOf(`${root}/${name}`);
  const stat = dirent || lookAt(full);
  if (!stat) return [{ name, gone: true }, []];
  return stat.isDirectory()
    ? directoryAt({ name, full, stat }, { withFileTypes: true })
    : [{ name, full, stat }, []];
}

function entryAt(root, name, _dirent) {
  const full = bytesOf(`${root}/${name}`);
  try {
    const stat = fs.lstatSync(full);
    if (stat.isDirectory()) return directoryAt({ name, full, stat, target: '' });
    if (stat.isFile()) return [{ name, full, stat, target: '' }, []];
    if (stat.isSymbolicLink())
      return [{ name, full, stat, target: fs.readlinkSync(full, 'latin1') }, []];
    return [{ name, skipped: true }, []];
  } catch (error) {
    if (SHUT.includes(error.code)) return [{ name, shut: true }, []];
    if (!GONE.includes(error.code)) throw error;
    return [{ name, gone: true }, []];
  }
}

function directoryAt(entry, more) {
  try {
    const inside = fs.readdirSync(entry.full, { encoding: 'latin1', ...more });
    return [entry, more ? inside : inside.sort()];
  } catch (error) {
    if (more && GONE.includes(error.code)) return [{ name: entry.name, gone: true }, []];
    if (!SHUT.includes(error.code)) throw error;
    return [{ ...entry, shut: true }, []];
  }
}

// What tools keep for themselves among an app's files says nothing of the app.
const OWN_CACHE =
  /(^|\/)(node_modules\/\.(?!pnpm)|(\.next\/cache|\.cache|\.turbo|\.parcel-cache)(\/|$))/;
// What a tool made, and may write anew while the app runs: it is part of its version, and comes and goes with it.
const OWN_OUTPUT = /(^|\/)(node_modules\/\.pnpm|\.next|\.nuxt|\.svelte-kit|\.vite|\.angular)$/;
const LINKED = /(^|\/)node_modules\//; // a deploy links these files elsewhere, which moves their change time

const TICK_MS = 20; // two changes this close together may leave the same time

// weak: names, modes, sizes and times, which a copy or a hard link leaves alone. strong: that it is these very files,
// and that none was changed or linked since; a directory's own change time tells only that it was moved.
class Print {
  constructor(root = project) {
    this.moved = path.resolve(root) !== path.resolve(project); // a rename moves the change time of a part that is one file
    this.sums = [crypto.createHash('sha256'), crypto.createHash('sha256')];
    this.bytes = 0;
    this.entries = 0;
    this.skipped = [];
    this.unreadable = [];
    this.changed = 0; // when the newest change was, in milliseconds since 1970
    this.seen = [];
    this.weak = ''; // the digests, once it has ended
    this.strong = '';
    this.steady = true;
  }

  add({ name, full, stat, target, gone, skipped, shut }) {
    if (gone) this.steady = false;
    if (shut) this.unreadable.push(asText(name));
    if (skipped) this.skipped.push(asText(name));
    if (!stat) return;
    const told = `${name}\0${stat.mode}\0${stat.isDirectory() ? '' : `${stat.size}\0${stat.mtimeMs}`}\0${target}\n`;
    this.sums[0].update(told, 'latin1');
    this.sums[1].update(`${told}${stat.ino} ${stat.isDirectory() ? '' : stat.ctimeMs}\n`, 'latin1');
    this.entries += 1;
    const tells = stat.isFile() && !LINKED.test(name) && !(this.moved && this.entries === 1);
    if (!OWN_CACHE.test(name))
      this.changed = Math.max(this.changed, stat.mtimeMs, tells ? stat.ctimeMs : 0);
    if (Math.abs(Date.now() - stat.mtimeMs) < TICK_MS) this.steady = false;
    this.seen.push([full, stat.mtimeMs, stat.mode, stat.ino]);
    this.bytes += stat.isFile() ? stat.size : 0;
  }

  // A file that was counted, and cannot be read.
  leave({ name, stat }) {
    this.unreadable.push(asText(name));
    this.entries -= 1;
    this.bytes -= stat.size;
  }

  // Whether all of it stood still from before the first was read until after the last.
  settled() {
    return (
      this.steady &&
      this.seen.every(([full, mtimeMs, mode, ino]) => {
        const stat = lookAt(full);
        return stat && stat.mtimeMs === mtimeMs && stat.mode === mode && stat.ino === ino;
      })
    );
  }

  end(content = '') {
    this.content = content;
    [this.weak, this.strong] = this.sums.map((sum) => sum.digest('hex'));
    return this;
  }
}

function printOf(root, name) {
  const print = new Print(root);
  for (const entry of walk(latin(root), latin(name))) print.add(entry);
  return print.end();
}

module.exports = {
  GONE,
  LINKED,
  OWN_CACHE,
  OWN_OUTPUT,
  Print,
  SHUT,
  SMALL_BYTES,
  asText,
  bytesOf,
  entryAt,
  kindAt,
  latin,
  lookAt,
  printOf,
  readableFile,
  walk,
};
