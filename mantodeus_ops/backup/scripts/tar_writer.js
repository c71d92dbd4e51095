// Walks a part of the app on the disk and takes its fingerprint without reading files.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { inAssets, oldAssetsAt } = require('../../app/scripts/asset_store');
const { params, project } = require('../../remote/scripts/params');

const SMALL_BYTES = 32 << 20; // a part of at most this size is always read

// Names on the disk are bytes; here they are strings in latin1, which keeps every byte.
const latin = (text) => Buffer.from(text).toString('latin1');
const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO']; // the entry was removed or replaced meanwhile
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

const SHUT = ['EACCES', 'EPERM']; // an unreadable entry is reported and does not affect others

// A handle of a plain file, or -1 if there is none any more. Never waits, even if a pipe is in its place.
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

// The same; null if this account cannot read the file.
function readableFile({ full }) {
  try {
    return openFile(full);
  } catch (error) {
    if (!SHUT.includes(error.code)) throw error;
    return null;
  }
}

// Yields all entries below a name in a fixed order, directories before their entries. Sockets, pipes and devices are
// yielded as skipped, entries that disappear meanwhile as gone. `without` has patterns of trees to leave out.
function* walk(root, name, { without = [], see = entryAt } = {}) {
  const isOld = oldAssetsAt(asText(root));
  for (const waiting = [[name]]; waiting.length > 0;) {
    const [place, dirent] = waiting.pop();
    if (isOld && isOld(asText(place))) continue;
    if (without.some((pattern) => pattern.test(place))) continue;
    const [entry, inside] = see(root, place, dirent);
    yield entry;
    for (let at = inside.length - 1; at >= 0; at--) {
      const child = inside[at];
      waiting.push(
        child.name ? [`${entry.name}/${child.name}`, child] : [`${entry.name}/${child}`],
      );
    }
  }
}

// An entry with its kind only, from the directory listing, which is much faster than a stat of each.
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

// Caches of tools among the files of an app; their changes do not count as changes of the app.
const OWN_CACHE =
  /(^|\/)(node_modules\/\.(?!pnpm)|(\.next\/cache|\.cache|\.turbo|\.parcel-cache)(\/|$))/;
// Outputs that a tool may write again while the app runs; they are part of the version.
const OWN_OUTPUT = /(^|\/)(node_modules\/\.pnpm|\.next|\.nuxt|\.svelte-kit|\.vite|\.angular)$/;
const LINKED = /(^|\/)node_modules\//; // a deploy makes hard links to these files, which changes their ctime

// A second link to an asset, too, moves its change time.
const isAsset = (params.assets || []).length ? (name) => inAssets(asText(name)) : () => false;
const isLinked = (name) => LINKED.test(name) || isAsset(name);

const TICK_MS = 20; // two changes within this time may leave the same mtime

// Two fingerprints. weak: names, modes, sizes and times, which a copy or a hard link keeps. strong: also inodes and change
// times of files, which show that these very files were not changed or linked since.
class Print {
  constructor(root = project) {
    this.moved = path.resolve(root) !== path.resolve(project); // a rename changes the ctime of a part that is one file
    this.sums = [crypto.createHash('sha256'), crypto.createHash('sha256')];
    this.bytes = 0;
    this.entries = 0;
    this.skipped = [];
    this.unreadable = [];
    this.changed = 0; // the time of the newest change, in milliseconds since 1970
    this.seen = [];
    this.weak = ''; // set by end()
    this.strong = '';
    this.steady = true;
  }

  add({ name, full, stat, target, gone, skipped, shut }) {
    if (gone) this.steady = false;
    if (shut) this.unreadable.push(asText(name));
    if (skipped) this.skipped.push(asText(name));
    if (!stat) return;
    const facts = `${name}\0${stat.mode}\0${stat.isDirectory() ? '' : `${stat.size}\0${stat.mtimeMs}`}\0${target}\n`;
    this.sums[0].update(facts, 'latin1');
    this.sums[1].update(
      `${facts}${stat.ino} ${stat.isDirectory() ? '' : stat.ctimeMs}\n`,
      'latin1',
    );
    this.entries += 1;
    const counts = stat.isFile() && !isLinked(name) && !(this.moved && this.entries === 1);
    if (!OWN_CACHE.test(name))
      this.changed = Math.max(this.changed, stat.mtimeMs, counts ? stat.ctimeMs : 0);
    if (Math.abs(Date.now() - stat.mtimeMs) < TICK_MS) this.steady = false;
    this.seen.push([full, stat.mtimeMs, stat.mode, stat.ino]);
    this.bytes += stat.isFile() ? stat.size : 0;
  }

  // Takes back a file that was counted and turned out to be unreadable.
  leave({ name, stat }) {
    this.unreadable.push(asText(name));
    this.entries -= 1;
    this.bytes -= stat.size;
  }

  // Whether nothing changed between the first and the last read.
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
  isAsset,
  kindAt,
  latin,
  lookAt,
  printOf,
  readableFile,
  walk,
};
