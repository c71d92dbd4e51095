// Targets for members of an archive: the disk, a text, or nothing.
'use strict';
const fs = require('fs');
const { writeAll } = require('../../remote/scripts/files');
const { workable } = require('../../remote/scripts/permissions');
const { bytesOf, latin } = require('./tar_writer');

// Writes members that passed the rules. Links are created last, so that no path leads through one.
class Writer {
  constructor(root) {
    this.root = latin(root);
    this.directories = [];
    this.links = [];
    this.made = new Set();
  }

  at(name) {
    return bytesOf(`${this.root}/${name}`);
  }

  above(name) {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (parent && !this.made.has(parent)) this.directory(parent, 0o755, null);
  }

  directory(name, mode, mtime) {
    this.above(name);
    if (!this.made.has(name)) fs.mkdirSync(this.at(name), 0o700);
    this.made.add(name);
    this.directories.push([name, mode, mtime]);
  }

  begin({ name, kind, mode, mtime, target }) {
    if (kind === 'directory') return this.directory(name, workable(mode & 0o3777, true), mtime);
    this.above(name);
    if (kind === 'symlink') return this.links.push([name, target, mtime]);
    if (kind === 'hard link') return fs.linkSync(this.at(target), this.at(name));
    this.handle = fs.openSync(this.at(name), 'wx', 0o600);
    this.after = [workable(mode & 0o1777, false), mtime];
    return undefined;
  }

  data(piece) {
    writeAll(this.handle, piece);
  }

  ended() {
    if (this.handle === undefined) return;
    fs.fchmodSync(this.handle, this.after[0]);
    fs.futimesSync(this.handle, this.after[1], this.after[1]);
    fs.closeSync(this.handle);
    this.handle = undefined;
  }

  finish() {
    for (const [name, target, mtime] of this.links) {
      fs.symlinkSync(Buffer.from(target, 'latin1'), this.at(name));
      fs.lutimesSync(this.at(name), mtime, mtime);
    }
    for (const [name, mode, mtime] of this.directories.reverse()) {
      fs.chmodSync(this.at(name), mode);
      if (mtime !== null) fs.utimesSync(this.at(name), mtime, mtime);
    }
  }
}

// Discards all members: the archive is read for the rules only.
const NOTHING = { begin() {}, data() {}, ended() {}, finish() {} };

// Keeps a small file as text.
class Kept {
  constructor() {
    this.text = '';
  }

  begin() {}

  data(piece) {
    if (this.text.length < 1 << 20) this.text += piece.toString('latin1');
  }

  ended() {}

  finish() {
    this.text = Buffer.from(this.text, 'latin1').toString();
  }
}

module.exports = { Kept, NOTHING, Writer };
