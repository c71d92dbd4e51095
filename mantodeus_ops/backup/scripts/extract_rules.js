// The rules for members of an archive, so that unpacking it cannot write outside of its directory.
'use strict';
const path = require('path');
const { refuse } = require('../../remote/scripts/errors');
const { project } = require('../../remote/scripts/params');
const { madeHere } = require('./manifest');
const { BLOCK_BYTES, LATEST } = require('./tar_stream');
const { bytesOf, latin, lookAt } = require('./tar_writer');

const [DEEPEST, LONGEST_NAME, LONGEST_TARGET] = [3500, 255, 4095]; // limits of file systems, minus the directory in front

const inside = (name, places) =>
  places.some((place) => name === place || name.startsWith(`${place}/`));

// Checks every member and throws at the first violation. `places` are the paths that it may contain, `most` its limits:
// the sizes in the manifest, or the free space if there is no manifest.
class Rules {
  constructor(
    manifest,
    places,
    most = {
      entries: manifest.entries,
      bytes: manifest.plain_bytes,
      names: Infinity,
      why: 'it holds more than its manifest says',
    },
  ) {
    this.places = places.map(latin);
    this.trusted = madeHere(manifest); // archives made here may hold links that leave the app, as the app itself may have some
    this.most = most;
    this.kinds = new Map();
    this.leads = [];
    this.bytes = 0;
    this.seen = 0;
  }

  check({ name: written, kind, mode, mtime, size, target }) {
    const name = kind === 'directory' ? written.replace(/\/$/, '') : written;
    const shown = JSON.stringify(Buffer.from(name, 'latin1').toString().slice(0, 120));
    const no = (why) => refuse('archive-unsafe', { why: `${shown} ${why}` });
    if (
      name.length > DEEPEST ||
      name.includes('\0') ||
      name
        .split('/')
        .some((part) => part === '' || part === '.' || part === '..' || part.length > LONGEST_NAME)
    )
      throw no('is no plain path');
    if (!inside(name, this.places)) throw no('does not belong into a backup of this app');
    if (!['file', 'directory', 'symlink', 'hard link'].includes(kind)) throw no(`is a ${kind}`);
    if (!Number.isInteger(mode) || (mode & 0o6000 && kind !== 'directory'))
      throw no('has a setuid bit');
    if (!(mtime >= 0 && mtime <= LATEST)) throw no('has an impossible time');
    this.place(name, kind, no);
    if (kind === 'symlink') this.symlink(name, target, no);
    if (
      kind === 'hard link' &&
      !(this.kinds.get(target) === 'file' && this.placeOf(target) === this.placeOf(name))
    )
      throw no('is a link to no file that came before it');
    this.count(size);
    return name;
  }

  place(name, kind, no) {
    if (this.kinds.has(name)) throw no('is in it twice');
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
      const above = this.kinds.get(name.slice(0, at));
      if (above && above !== 'directory') throw no(`lies behind a ${above}`);
      if (above) break;
      this.kinds.set(name.slice(0, at), 'directory');
    }
    this.kinds.set(name, kind);
  }

  placeOf(name) {
    return this.places.find((place) => inside(name, [place]));
  }

  // Allows `..` only at the start of a target: after a name that may be a link, `..` could lead anywhere.
  symlink(name, target, no) {
    if (!target || target.includes('\0') || target.length > LONGEST_TARGET)
      throw no('is a link to nowhere');
    if (this.trusted) return;
    const there = path.posix.normalize(path.posix.join(path.posix.dirname(name), target));
    const turns = /(^|\/)(?!\.\.?(\/|$))[^/]+\/(.*\/)?\.\.(\/|$)/s.test(target);
    if (target.startsWith('/') || turns || there === '..' || there.startsWith('../'))
      throw no('is a link that leads out of the app');
    this.leads.push([there, no]);
  }

  // Checks links that lead through paths outside of the archive, which may themselves be links on the disk.
  finish() {
    for (const [there, no] of this.leads) {
      for (let at = there.indexOf('/'); at > 0; at = there.indexOf('/', at + 1)) {
        const above = there.slice(0, at);
        const stat = this.kinds.has(above) ? null : lookAt(bytesOf(`${latin(project)}/${above}`));
        if (stat && stat.isSymbolicLink()) throw no('is a link that leads through another one');
      }
    }
  }

  count(size) {
    this.seen += 1;
    this.bytes += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (
      this.bytes > this.most.bytes ||
      this.seen > this.most.entries ||
      this.kinds.size > this.most.names
    )
      throw refuse('archive-too-large', { why: this.most.why });
  }
}

module.exports = { Rules, inside };
