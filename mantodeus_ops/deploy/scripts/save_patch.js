// Saves edits on the host as a patch before a deploy replaces them. The patch is verified first.
'use strict';
const fs = require('fs');
const path = require('path');
const { ourGit } = require('../../git/scripts/git');
const { lookAt } = require('../../backup/scripts/tar_writer');
const { endOf, refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { trimmed } = require('../../text/whitespace');

const file = path.join('.deploy', 'patches', `${params.run}.patch`);
const proof = inDeploy('patches', `${params.run}.proof`);
const made = path.join(proof, 'patch');

// Runs git with a temporary index, so that the index of the checkout is not changed.
/** @type {(index: string, words: string[], input?: string | Buffer) => string} */
function git(index, words, input = '') {
  const env = { ...process.env, GIT_INDEX_FILE: path.join(proof, index) };
  const done = ourGit(['--literal-pathspecs', ...words], {
    env,
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (done.code !== 0) throw refuse('patch-failed', { command: words[0], why: endOf(done.stderr) });
  return done.stdout;
}

// Yields the files at a changed path, as a directory may have replaced a file.
function* filesOf(name) {
  const stat = lookAt(path.join(project, name));
  if (!stat || !stat.isDirectory() || exists(path.join(project, name, '.git'))) {
    yield name;
    return;
  }
  for (const inside of fs.readdirSync(path.join(project, name)))
    yield* filesOf(`${name}/${inside}`);
}

const isFolder = (name) =>
  Boolean((lookAt(path.join(project, name)) || { isDirectory: () => false }).isDirectory());
const listed = (every) => every.map((name) => `${name}\0`).join('');

// Adds the files to the index as git would commit them, with filters and line ends of the repository.
function asKept(names) {
  const removed = names.filter(
    (name) => isFolder(name) && !exists(path.join(project, name, '.git')),
  );
  git('new', ['read-tree', 'HEAD']);
  git('new', ['update-index', '--force-remove', '-z', '--stdin'], listed(removed));
  git(
    'new',
    ['update-index', '--add', '--remove', '-z', '--stdin'],
    listed(names.filter((name) => !removed.includes(name))),
  );
}

// Adds the exact bytes of the files to the index, if filters would change them or fail.
function asTheyAre(names) {
  git('new', ['read-tree', 'HEAD']);
  const seen = names.map((name) => [name, lookAt(path.join(project, name))]);
  const gone = seen.filter(
    ([name, stat]) => !stat || (stat.isDirectory() && !exists(path.join(project, name, '.git'))),
  );
  git(
    'new',
    ['update-index', '--force-remove', '-z', '--stdin'],
    listed(gone.map(([name]) => name)),
  );
  const there = seen.filter(([, stat]) => stat && !stat.isDirectory());
  git(
    'new',
    ['update-index', '-z', '--index-info'],
    there.map(([name, stat]) => `${entryOf(name, stat)}\t${name}\0`).join(''),
  );
}

function entryOf(name, stat) {
  if (stat.isSymbolicLink()) {
    const target = fs.readlinkSync(path.join(project, name), 'buffer');
    return `120000 ${trimmed(git('new', ['hash-object', '-w', '--stdin'], target))}`;
  }
  const id = trimmed(git('new', ['hash-object', '-w', '--no-filters', '--', name]));
  return `${stat.mode & 0o100 ? '100755' : '100644'} ${id}`;
}

function write() {
  const shape = [
    '-p',
    '--binary',
    '--full-index',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    '--no-renames',
  ];
  const names_ = [
    '--src-prefix=a/',
    '--dst-prefix=b/',
    '--submodule=short',
    '--ignore-submodules=none',
  ];
  git('new', ['diff-index', '--cached', ...shape, ...names_, `--output=${made}`, 'HEAD']);
}

// Verifies that the patch, applied to HEAD, gives the files on the disk, and that it can be reverted: in the work tree or,
// if filters prevent that, in the index.
function prove(...of) {
  git('again', ['read-tree', 'HEAD']);
  if (fs.statSync(made).size > 0) {
    git('again', ['apply', '--cached', '--whitespace=nowarn', made]);
    git('again', ['apply', '--check', '--reverse', ...of, '--whitespace=nowarn', made]);
  }
  if (git('again', ['write-tree']) !== git('new', ['write-tree']))
    throw refuse('patch-not-proven', { why: 'what the patch makes is not what is on the disk' });
}

function proveBytes(names) {
  const known = new Set(git('again', ['ls-files', '-z']).split('\0'));
  const here = names.filter((name) => known.has(name) && !isFolder(name));
  git('again', ['checkout-index', '-f', '-z', '--stdin', `--prefix=${proof}/tree/`], listed(here));
  const wrong = names.find(
    (name) =>
      !isFolder(name) && !sameFile(path.join(project, name), path.join(proof, 'tree', name)),
  );
  if (wrong) throw refuse('patch-not-proven', { why: `${wrong} would not come back as it is` });
}

function sameFile(one, other) {
  const [here, there] = [lookAt(one), lookAt(other)];
  if (!here || !there) return !here && !there;
  if (here.isSymbolicLink())
    return there.isSymbolicLink() && fs.readlinkSync(one) === fs.readlinkSync(other);
  if (!there.isFile() || (here.mode & 0o100) !== (there.mode & 0o100)) return false;
  return fs.readFileSync(one).equals(fs.readFileSync(other));
}

function save(names) {
  try {
    asKept(names);
    write();
    prove();
    proveBytes(names);
  } catch {
    asTheyAre(names);
    write();
    prove('--cached');
  }
  writeWhole(path.join(project, file), fs.readFileSync(made));
}

async function main() {
  const names = [...new Set(params.names.flatMap((name) => [name, ...filesOf(name)]))];
  fs.rmSync(proof, { recursive: true, force: true });
  fs.mkdirSync(proof, { recursive: true, mode: 0o700 });
  process.on('exit', () => fs.rmSync(proof, { recursive: true, force: true }));
  try {
    save(names);
  } catch (error) {
    throw refuse('patch-not-proven', { why: error.message });
  }
  return { file };
}

module.exports = { main };
