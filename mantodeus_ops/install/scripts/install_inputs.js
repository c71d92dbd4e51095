// The inputs of an install, as digests, and how and in which directory it runs.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { git } = require('../../git/scripts/refs');
const { LOCKFILES, exists, isWithin, readJson } = require('../../remote/scripts/files');
const { direct } = require('./locked_dependencies');
const { jsonOf, textOf } = require('../../git/scripts/revision_files');
const { textLines } = require('../../text/whitespace');

// Files that package managers read, in any directory.
const READ =
  /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.[cm]?js|pnpmfile\.js|bunfig\.toml|lerna\.json|binding\.gyp)$|(^|\/)(patches|\.yarn)\//;
// Files that install scripts of dependencies do not read: sources, texts, media and data, except settings.
const SOURCE =
  /\.(?:[cm]?[jt]sx?|css|s[ac]ss|less|html?|vue|svelte|astro|mdx?|txt|json|csv|png|jpe?g|gif|svg|ico|webp|avif|woff2?|[ot]tf|eot|mp[34]|webm|pdf|snap)$/i;
const TEXT = /(?:^|\/)[A-Z][A-Z_-]+$/; // README, LICENSE, NEWS
const SETTINGS = /(?:^|\/)(?:\.[^/]*|[^/]*(?:config|rc)[^/]*)$/i;

const UNREAD = /^\.(?:github|gitlab|circleci|vscode|idea)\//;

// Whether the app or one of its workspaces has install scripts, which may read any file.
function ownScripts(tree, revision) {
  const scripts = '"((pre|post)?install|prepublish|(pre|post)?prepare)"[[:space:]]*:';
  const places = ['package.json', ':(glob)**/package.json'];
  return (
    tree.has('binding.gyp') ||
    git('grep', '-q', '-E', '-e', scripts, revision, '--', ...places).code === 0
  );
}

// Of packages in the tree itself, an install copies some. npm makes links, unless it is set to copy.
const COPIES = [
  '"file:[^"]*"',
  '"injected"[[:space:]]*:[[:space:]]*true',
  'inject-?[wW]orkspace-?[pP]ackages *[:=] *true',
  'install-links *= *true',
];
const PLACES = ['package.json', '.npmrc', 'pnpm-workspace.yaml'];

// The paths of the revision that an install copies, and whether it may copy any package of the workspace.
function copied(tree, revision, npm) {
  const patterns = COPIES.flatMap((one) => ['-e', one]);
  const places = PLACES.map((name) => `:(glob)**/${name}`);
  const done = git('grep', '-o', '-z', '-E', ...patterns, revision, '--', ...places);
  const found = done.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice(revision.length + 1).split('\0'));
  const settings = found.filter(([, text]) => !text.startsWith('"file:'));
  const packages = found
    .filter(([, text]) => text.startsWith('"file:'))
    .map(([name, text]) => path.posix.join(path.posix.dirname(name), text.slice(6, -1)));
  const links = npm && settings.length === 0;
  return {
    paths: packages.filter((name) => tree.has(name) || !links),
    any: settings.length > 0,
  };
}

function digestOfFiles(tree, wanted) {
  const sum = crypto.createHash('sha256');
  for (const [name, { mode, id }] of tree)
    if (mode === '160000' || wanted(name)) sum.update(`${mode} ${id} ${name}\0`);
  return sum.digest('hex');
}

// Whether a dependency has install scripts. Only npm's lockfile records that; for other managers it is assumed.
function dependencyScripts(lock) {
  return lock && lock.packages
    ? Object.values(lock.packages).some((entry) => entry && entry.hasInstallScript)
    : true;
}

// The version of a package manager from its package.json, as starting npm takes half a second; else its file.
function versionOf(manager) {
  const folder = process.env.PATH.split(':').find((dir) => dir && exists(path.join(dir, manager)));
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

// Where dependencies are installed: the nearest directory with a lockfile, from the app's upwards.
function installRoot(tree, root) {
  const hasLock = (folder) => LOCKFILES.some((name) => tree.has(path.posix.join(folder, name)));
  for (let folder = root; folder; folder = parentOf(folder)) if (hasLock(folder)) return folder;
  return hasLock('') ? '' : root;
}

const parentOf = (folder) => folder.split('/').slice(0, -1).join('/');

// How yarn 2 and later install, as their settings and their lockfile say.
function yarnFacts(tree, place) {
  const at = (name) => path.posix.join(place, name);
  const settings = textOf(tree, at('.yarnrc.yml'));
  const value = (key) => {
    const line = textLines(settings).find((one) => one.startsWith(`${key}:`)) || '';
    return (/^[^:]*: *["']?([^"' \t#]+)/s.exec(line) || [])[1] || '';
  };
  const hasMetadata = (text) => textLines(text).some((line) => line.startsWith('__metadata:'));
  const berry = tree.has(at('.yarnrc.yml')) || hasMetadata(textOf(tree, at('yarn.lock')));
  const program = value('yarnPath');
  return {
    berry,
    pnp: berry && !['node-modules', 'pnpm'].includes(value('nodeLinker')),
    program: program && tree.has(at(program)) ? program : '',
  };
}

function installFacts(tree, revision, root) {
  const place = installRoot(tree, root);
  const at = (name) => path.posix.join(place, name);
  const npm = ['npm-shrinkwrap.json', 'package-lock.json'].find((name) => tree.has(at(name)));
  const { paths, any } = copied(tree, revision, npm);
  const isRead = (name) => READ.test(name) || paths.some((one) => isWithin(name, one));
  return {
    place,
    package_json: textOf(tree, at('package.json')),
    read: digestOfFiles(tree, (name) => isRead(name) && name !== at('package.json')),
    settings: digestOfFiles(
      tree,
      (name) =>
        (!SOURCE.test(name) || SETTINGS.test(name)) && !TEXT.test(name) && !UNREAD.test(name),
    ),
    whole: digestOfFiles(tree, () => true),
    own_scripts: any || ownScripts(tree, revision),
    dependency_scripts: dependencyScripts(npm ? jsonOf(tree, at(npm)) : null),
    managers: Object.fromEntries(
      ['npm', 'pnpm', 'yarn', 'bun', 'corepack'].map((name) => [name, versionOf(name)]),
    ),
    yarn: yarnFacts(tree, place),
    direct: direct(tree, place),
  };
}

module.exports = { installFacts };
