'use strict';
const assert = require('node:assert');
const fs = require('fs');
const path = require('path');
const test = require('node:test');
const { place } = require('./host');
const { Content, Members } = require('../../mantodeus_ops/backup/scripts/tar_reader');
const { tarOf } = require('../../mantodeus_ops/backup/scripts/tar_stream');
const { Print } = require('../../mantodeus_ops/backup/scripts/tar_writer');
const { causeOf, whyNot } = require('../../mantodeus_ops/remote/scripts/limits');
const { rightsLacking, workable } = require('../../mantodeus_ops/remote/scripts/permissions');
const { isPlain } = require('../../mantodeus_ops/remote/scripts/state_file');

const failed = (code, more) => Object.assign(new Error(code), { code, ...more });

test('a limit of the host is named by its cause', () => {
  const cause = ['disk-quota-used-up', { what: '/x', why: 'the disk quota is used up' }];
  assert.deepEqual(causeOf(failed('EDQUOT', { path: '/x' })), cause);
  assert.deepEqual(
    causeOf(failed('Unknown system error -122', { errno: -122, path: '/x' })),
    cause,
  );
  assert.equal(causeOf(failed('EAGAIN', { syscall: 'write' })), null);
  assert.equal(causeOf(failed('EAGAIN', { syscall: 'spawn npm' }))[0], 'processes-used-up');
  assert.equal(causeOf(failed('ENOENT')), null);
  assert.equal(whyNot(failed('ENFILE')), 'the limit on open files of the host is reached (ENFILE)');
});

test('a mode lets its owner work with it', () => {
  assert.equal(workable(0o000, false), 0o400);
  assert.equal(workable(0o055, true), 0o755);
  assert.equal(workable(0o555, true), 0o555);
});

test('what is in the way of a file is named', () => {
  assert.equal(typeof rightsLacking(path.join(place, 'none', 'file'))[0], 'string');
});

test('an answer is plain as far as the other end takes it', () => {
  const deep = (levels) => (levels ? [deep(levels - 1)] : 1);
  assert.ok(isPlain({ a: [1, 'x', null, true] }));
  assert.ok(isPlain(deep(30)) && !isPlain(deep(31)));
  assert.ok(!isPlain('x'.repeat(65537)) && !isPlain('\ud800') && !isPlain([2 ** 53 + 2]));
});

test('what is packed is read again, member by member', () => {
  const long = `deep/${'n'.repeat(120)}`;
  fs.mkdirSync(path.join(place, 'app/deep'), { recursive: true });
  fs.writeFileSync(path.join(place, 'app/one'), 'x'.repeat(700));
  fs.writeFileSync(path.join(place, 'app', long), 'y');
  fs.symlinkSync('one', path.join(place, 'app/link'));
  const seen = [];
  let text = '';
  const content = new Content();
  const members = new Members({
    raw: (bytes, isHeader) => content.raw(bytes, isHeader),
    member: ({ name, kind, size, target }) => seen.push([name, kind, size, target]),
    data: (piece) => (text += piece),
    ended() {},
  });
  const print = new Print();
  for (const block of tarOf(place, 'app', print)) members.feed(block);
  assert.equal(content.digest(), print.content);
  assert.deepEqual(
    seen.map(([name, kind]) => [name, kind]),
    [
      ['app/', 'directory'],
      ['app/deep/', 'directory'],
      [`app/${long}`, 'file'],
      ['app/link', 'symlink'],
      ['app/one', 'file'],
    ],
  );
  assert.equal(text, `y${'x'.repeat(700)}`);
});
