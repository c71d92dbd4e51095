// What an install of a revision reads: its digests, and which dependencies the lockfile has.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { git } = require('../../app/scripts/refs');
const { exists, readJson } = require('../../remote/scripts/files');
const { textLines } = require('../../text/whitespace');

// Every file of the revision, by its path.
function treeOf(revision) {
  const found = new Map();
  for (const line of git('ls-tree', '-r', '-l', '-z', '--full-tree', revision)
    .stdout.split('\0')
    .filter(Boolean)) {
    const [about, name] = line.split(/\t(.*)/s);
    const [mode, , id, size] = about.split(/ +/);
    found.set(name, { mode, id, size: Number(size) || 0 });
  }
  return found;
}

const textOf = (tree, name) => git('cat-file', 'blob', tree.get(name).id).stdout;

function jsonOf(tree, name) {
  try {
    const found = JSON.parse(textOf(tree, name).replace(/^\ufeff/, ''));
    return found && typeof found === 'object' ? found : {};
  } catch {
    return {};
  }
}

// Read by package managers, wherever they lie.
const READ =
  /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.[cm]?js|pnpmfile\.js|bunfig\.toml|lerna\.json|binding\.gyp)$|(^|\/)(patches|\.yarn)\//;
// What the install scripts of dependencies have no reason to read: sources, texts, media and data, but no settings.
const SOURCE =
  /\.(?:[cm]?[jt]sx?|css|s[ac]ss|less|html?|vue|svelte|astro|mdx?|txt|json|csv|png|jpe?g|gif|svg|ico|webp|avif|woff2?|[ot]tf|eot|mp[34]|webm|pdf|snap)$/i;
const TEXT = /(?:^|\/)[A-Z][A-Z_-]+$/; // README, LICENSE, NEWS
const SETTINGS = /(?:^|\/)(?:\.[^/]*|[^/]*(?:config|rc)[^/]*)$/i;

const UNREAD = /^\.(?:github|gitlab|circleci|vscode|idea)\//;

// Install scripts of the app itself, or of a workspace in it, may read all of it.
function ownScripts(tree, revision) {
  const scripts = '"((pre|post)?install|prepublish|(pre|post)?prepare)"[[:space:]]*:';
  const places = ['package.json', ':(glob)**/package.json'];
  return (
    tree.has('binding.gyp') ||
    git('grep', '-q', '-E', '-e', scripts, revision, '--', ...places).code === 0
  );
}

function digestOfFiles(tree, wanted) {
  const sum = crypto.createHash('sha256');
  for (const [name, { mode, id }] of tree) if (wanted(name)) sum.update(`${mode} ${id} ${name}\0`);
  return sum.digest('hex');
}

// Only npm's lockfile says of all packages whether they have one; of another manager's, it must be feared.
function dependencyScripts(lock) {
  return lock && lock.packages
    ? Object.values(lock.packages).some((one) => one && one.hasInstallScript)
    : true;
}

// The version without starting it, as that takes npm half a second; else which file it is.
function versionOf(manager) {
  const folder = process.env.PATH.split(':').find((one) => one && exists(path.join(one, manager)));
  if (!folder) return '';
  try {
    const file = fs.realpathSync(path.join(folder, manager));
    const about = readJson(path.join(file, '..', '..', 'package.json'));
    const { size, mtimeMs } = fs.statSync(file);
    return about && about.version ? `${about.name} ${about.version}` : `${file} ${size} ${mtimeMs}`;
  } catch {
    return '';
  }
}

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'];
const wants = (about) =>
  KINDS.flatMap((kind) =>
    Object.entries(about[kind] && typeof about[kind] === 'object' ? about[kind] : {}),
  );

// Where node looks for a package of a member, the nearest first.
function* placesOf(member, name) {
  for (let folder = member; folder && folder !== '.'; folder = path.posix.dirname(folder))
    yield `${folder}/node_modules/${name}`;
  yield `node_modules/${name}`;
}

// Of npm's lockfile: the version that is locked for a package of a member, `link` for another member, empty for none.
function lockedByNpm(lock, member, name) {
  const packages = lock.packages || {};
  const entry = lock.packages
    ? [...placesOf(member, name)].map((place) => packages[place]).find(Boolean)
    : (lock.dependencies || {})[name];
  if (!entry) return '';
  return entry.link ? 'link' : String(entry.version || 'unknown');
}

// pnpm's and yarn's own frozen modes judge versions at once; that a name is missing can be told here.
function lockedByText(text, name, indented) {
  const plain = name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const found = indented
    ? new RegExp(`^ +['"]?${plain}['"]?:`)
    : new RegExp(`^(?:.*, )?"?${plain}@`, 's');
  return textLines(text).some((line) => found.test(line)) ? 'unknown' : '';
}

function membersOf(tree, lock) {
  const folders = Object.keys(lock.packages || {}).filter(
    (name) => name && !/(^|\/)node_modules\//.test(name),
  );
  return ['', ...folders.filter((name) => tree.has(`${name}/package.json`))];
}

// What each package.json asks for, and what is locked of it.
function direct(tree, npm) {
  const told = (member, locked) =>
    wants(jsonOf(tree, member ? `${member}/package.json` : 'package.json')).map(([name, spec]) => ({
      member,
      name,
      spec: String(spec),
      locked: locked(name),
    }));
  if (!tree.has('package.json')) return [];
  if (npm) {
    const lock = jsonOf(tree, npm);
    return membersOf(tree, lock).flatMap((member) =>
      told(member, (name) => lockedByNpm(lock, member, name)),
    );
  }
  const other = ['pnpm-lock.yaml', 'yarn.lock'].find((name) => tree.has(name));
  const text = other ? textOf(tree, other) : '';
  const leftOut =
    textLines(text).some((line) => /^(?:overrides|ignoredOptionalDependencies):/.test(line)) ||
    jsonOf(tree, 'package.json').workspaces;
  return other && !leftOut
    ? told('', (name) => lockedByText(text, name, other === 'pnpm-lock.yaml'))
    : [];
}

function installFacts(tree, revision) {
  const npm = ['npm-shrinkwrap.json', 'package-lock.json'].find((name) => tree.has(name));
  return {
    read: digestOfFiles(tree, (name) => READ.test(name) && name !== 'package.json'),
    settings: digestOfFiles(
      tree,
      (name) =>
        (!SOURCE.test(name) || SETTINGS.test(name)) && !TEXT.test(name) && !UNREAD.test(name),
    ),
    whole: digestOfFiles(tree, () => true),
    own_scripts: ownScripts(tree, revision),
    dependency_scripts: dependencyScripts(npm ? jsonOf(tree, npm) : null),
    managers: Object.fromEntries(
      ['npm', 'pnpm', 'yarn', 'corepack'].map((name) => [name, versionOf(name)]),
    ),
    direct: direct(tree, npm),
  };
}

module.exports = { installFacts, textOf, treeOf };
