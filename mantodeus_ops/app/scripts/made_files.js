// What install and build made in a tree: everything that git does not track there, at any depth.
'use strict';
const fs = require('fs');
const path = require('path');
const { commandFailed } = require('../../remote/scripts/errors');
const { LOCKFILES, SHARED, exists, isWithin } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { readLive } = require('../../transaction/scripts/journal');
const { ourGit } = require('../../git/scripts/git');

const MOST_PATHS = 2000; // each is renamed on its own while the app is served
// Written by an install.
const INSTALLED = /(^|\/)(node_modules|\.pnp\.(c?js|loader\.mjs|data\.json))$|(^|\/)\.yarn(\/|$)/;
// The names that builds give to their outputs; only used where no stage recorded what was made.
const USUAL_OUTPUT =
  /(^|\/)(dist|build|out|public\/build|\.next|\.nuxt|\.output|\.svelte-kit|\.astro)$/;
// Tools keep these for their next run; they belong to no version and hold no data of the app.
const TOOL_CACHE =
  /(^|\/)(\.turbo|\.cache|\.pnpm-store|\.parcel-cache|\.eslintcache|\.stylelintcache|\.nx|\.vite)$|\.tsbuildinfo$/;

const inRoot = (name) => path.join(params.root || '', name);
const isMadeByInstall = (name) => INSTALLED.test(name);

// Links into the stage and data of the app: part of no version, even where git does not track them.
function isKeptOut(name) {
  const places = [params.env_file, ...(params.stage_files || []), ...(params.shared_paths || [])];
  return (
    TOOL_CACHE.test(name) ||
    isWithin(name, '.deploy') ||
    isWithin(name, SHARED) ||
    isWithin(name, params.backup_dir || 'backups') ||
    places.some((place) => isWithin(name, place))
  );
}

// The untracked paths of a tree; a directory without tracked files is one path.
function untrackedIn(root) {
  const done = ourGit(['ls-files', '--others', '--directory', '--no-empty-directory', '-z'], {
    cwd: root,
  });
  const names = done.stdout.split('\0').filter(Boolean);
  return names.map((name) => name.replace(/\/$/, ''));
}

// Tracked outputs that the build wrote again: git would bring back the committed files.
function rewrittenIn(root) {
  const done = ourGit(['diff-files', '--name-only', '-z'], { cwd: root });
  const outputs = done.stdout
    .split('\0')
    .filter(Boolean)
    .map((name) => enclosingOutput(name))
    .filter(Boolean);
  return [...new Set(outputs)];
}

function enclosingOutput(name) {
  const folders = name.split('/').slice(0, -1);
  const paths = folders.map((_, at) => folders.slice(0, at + 1).join('/'));
  return paths.find((place) => USUAL_OUTPUT.test(place)) || '';
}

// Without the paths that lie below another one.
const outermost = (names) =>
  names.filter((name) => !names.some((other) => other !== name && isWithin(name, other)));

// Outputs first: what an install made is large, and is swapped after it.
function inOrder(names) {
  const unique = [...new Set(names)].sort();
  return [...unique.filter((name) => !isMadeByInstall(name)), ...unique.filter(isMadeByInstall)];
}

// The paths of submodules.
function submodulesIn(root) {
  if (!exists(path.join(root, '.gitmodules'))) return [];
  const entries = ourGit(['ls-files', '--stage', '-z'], { cwd: root }).stdout.split('\0');
  return entries
    .filter((one) => one.startsWith('160000 '))
    .map((one) => one.replace(/^.*?\t/s, ''));
}

const isFilled = (folder) => exists(folder) && fs.readdirSync(folder).length > 0;
// Git has no files of these in the revision: they are swapped and backed up like an output.
const filledSubmodules = (root) =>
  submodulesIn(root).filter((name) => isFilled(path.join(root, name)));

// What an install has made in a tree that nothing was built in yet.
function installedIn(root) {
  const done = ourGit(['rev-parse', '--git-dir'], { cwd: root });
  if (done.code !== 0) throw commandFailed('git rev-parse', done.code, done.stderr);
  return untrackedIn(root).filter((name) => !isKeptOut(name));
}

function allMadeIn(root) {
  const found = untrackedIn(root).filter((name) => !isKeptOut(name));
  return inOrder(outermost([...found, ...rewrittenIn(root), ...filledSubmodules(root)]));
}

// What makes the version in this tree, beside the files that git tracks. The inventory's build_outputs narrow it, but
// for what was `installed`.
function madeIn(root, installed = []) {
  const promised = params.build_outputs || [];
  if (promised.length === 0) return allMadeIn(root);
  const found = untrackedIn(root).filter((name) => !isKeptOut(name));
  const ofInstall = (name) =>
    isMadeByInstall(name) || installed.some((place) => isWithin(place, name));
  const there = promised.filter((name) => exists(path.join(root, name)));
  return inOrder(outermost([...there, ...found.filter(ofInstall), ...filledSubmodules(root)]));
}

// For a version that this tool did not stage: what lies in the live tree under the usual names.
function guessedLive() {
  const usual = (name) =>
    (params.build_outputs || []).includes(name) || isMadeByInstall(name) || USUAL_OUTPUT.test(name);
  const found = exists(path.join(project, '.git')) ? untrackedIn(project) : [];
  const configured = (params.build_outputs || []).filter((name) =>
    exists(path.join(project, name)),
  );
  const plain = ['node_modules', inRoot('dist'), inRoot('node_modules')].filter((name) =>
    exists(path.join(project, name)),
  );
  return inOrder(
    outermost([
      ...configured,
      ...plain,
      ...filledSubmodules(project),
      ...found.filter((name) => usual(name) && !isKeptOut(name)),
    ]),
  );
}

const areNames = (value) => Array.isArray(value) && value.every((one) => typeof one === 'string');

// What makes the live version, as its deploy recorded it.
function madeLive() {
  const live = readLive() || {};
  return areNames(live.made) ? live.made : guessedLive();
}

// What the install of the live version made, as far as it is still there; null where a part is gone or nothing is known.
function installedLive(made = madeLive()) {
  const live = readLive() || {};
  const names = areNames(live.installed) ? live.installed : made.filter(isMadeByInstall);
  const known = areNames(live.installed) || names.length > 0;
  return known && names.every((name) => exists(path.join(project, name))) ? names : null;
}

// The lockfile is beside the app, or above it.
function lockfilePath() {
  const folders = (params.root || '')
    .split('/')
    .map((_, at, all) => all.slice(0, at + 1).join('/'));
  const places = ['', ...folders]
    .reverse()
    .flatMap((folder) => LOCKFILES.map((name) => path.join(folder, name)));
  return places.find((name) => exists(path.join(project, name)));
}

// What a backup holds: the inventory's paths, else the live version with its lockfile and its .env.
function backupPaths(made = madeLive()) {
  if (params.paths && params.paths.length) return params.paths;
  const lock = lockfilePath();
  return [...new Set([...made, ...(lock ? [lock] : []), params.env_file])];
}

const OF_OLD = ['dist', 'node_modules', 'package-lock.json'];

// What an archive of this app that was made elsewhere may hold.
const archivePlaces = () =>
  params.places && params.places.length
    ? params.places
    : [...new Set([...backupPaths(), ...OF_OLD, params.env_file])];

module.exports = {
  MOST_PATHS,
  allMadeIn,
  archivePlaces,
  backupPaths,
  installedIn,
  installedLive,
  isMadeByInstall,
  lockfilePath,
  madeIn,
  madeLive,
  submodulesIn,
};
