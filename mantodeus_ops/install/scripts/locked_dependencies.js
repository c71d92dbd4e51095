// Which dependencies of a workspace its lockfile has: of npm, pnpm, yarn and bun.
'use strict';
const path = require('path');
const { textLines } = require('../../text/whitespace');
const { jsonOf, parseObject, textOf } = require('../../git/scripts/revision_files');

const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'];
const isTable = (value) => Boolean(value) && typeof value === 'object' && !Array.isArray(value);
const tableOf = (value) => (isTable(value) ? value : {});
const wants = (about) => KINDS.flatMap((kind) => Object.entries(tableOf(about[kind])));
const MISSING = { locked: '', specifier: '' };

// Where node looks for a package of a member, the nearest first.
function* placesOf(member, name) {
  for (let folder = member; folder && folder !== '.'; folder = path.posix.dirname(folder))
    yield `${folder}/node_modules/${name}`;
  yield `node_modules/${name}`;
}

function ofNpm(text, { has }) {
  const lock = parseObject(text);
  const packages = tableOf(lock.packages);
  const members = Object.keys(packages).filter(
    (name) => name && !/(^|\/)node_modules\//.test(name) && has(name),
  );
  const find = (member, name) => {
    const entry = lock.packages
      ? [...placesOf(member, name)].map((place) => packages[place]).find(Boolean)
      : tableOf(lock.dependencies)[name];
    if (!entry) return MISSING;
    return { locked: entry.link ? 'link' : String(entry.version || 'unknown'), specifier: '' };
  };
  return { members, find };
}

const YAML_LINE = /^( *)('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^ \t\r'"#-].*?):(?: (.*))?$/s;
const LONG_KEY = /^()\? (.+)$/s; // its value begins on the next line
const plain = (text) =>
  /^'.*'$/s.test(text)
    ? text.slice(1, -1).replace(/''/g, "'")
    : /^".*"$/s.test(text)
      ? text.slice(1, -1)
      : text;

// The tables of a lockfile; what else YAML can hold, no package manager writes where this is used.
function tables(text) {
  const root = {};
  const above = [{ indent: -1, table: root }];
  for (const line of textLines(text)) {
    const found = LONG_KEY.exec(line) || YAML_LINE.exec(line);
    if (!found) continue;
    const [, { length: indent }, name, value] = found;
    while (above[above.length - 1].indent >= indent) above.pop();
    const { table } = above[above.length - 1];
    const key = plain(name);
    table[key] = value ? plain(value) : {};
    if (!value) above.push({ indent, table: table[key] });
  }
  return root;
}

const asMember = (name) => (name === '.' ? '' : name);
const ALTERED = /^(?:overrides|ignoredOptionalDependencies|pnpmfileChecksum):/;

// pnpm compares each package.json with what its lockfile was made for, unless a hook or an override changes it.
function ofPnpm(text, { has }) {
  if (textLines(text).some((line) => ALTERED.test(line))) return null;
  const lock = tables(text);
  const importers = isTable(lock.importers) ? lock.importers : { '.': lock };
  const members = Object.keys(importers).map(asMember).filter(Boolean).filter(has);
  const find = (member, name) => {
    const importer = tableOf(importers[member || '.']);
    const entry = KINDS.map((kind) => tableOf(importer[kind])[name]).find(Boolean);
    if (!entry) return MISSING;
    const { version, specifier } = isTable(entry)
      ? entry
      : { version: entry, specifier: tableOf(importer.specifiers)[name] };
    const locked = /^link:/.test(version) ? 'link' : String(version || '').replace(/[(_].*$/s, '');
    return { locked: locked || 'unknown', specifier: specifier || '' };
  };
  return { members, find };
}

// bun.lock is JSON with commas at ends.
const withoutLastCommas = (text) =>
  text.replace(/("(?:[^"\\]|\\.)*")|,(?=[ \t\r\n]*[}\]])/g, (_, quoted) => quoted || '');

function ofBun(text, { has }) {
  const lock = parseObject(withoutLastCommas(text));
  const workspaces = tableOf(lock.workspaces);
  const members = Object.keys(workspaces).filter(Boolean).filter(has);
  const find = (member, name) => {
    const about = tableOf(workspaces[member]);
    const specifier = KINDS.map((kind) => tableOf(about[kind])[name]).find(Boolean);
    if (!specifier) return MISSING;
    const packages = tableOf(lock.packages);
    const [resolved] = packages[`${about.name}/${name}`] || packages[name] || [''];
    const version = String(resolved).slice(name.length + 1);
    return { locked: /^\d/.test(version) ? version : 'unknown', specifier: String(specifier) };
  };
  return { members, find };
}

// As `packages/*`, `apps/**` and `!apps/old` name them.
function matching(patterns, folders) {
  const rule = (pattern) =>
    new RegExp(
      `^${pattern
        .replace(/^!|^\.\/|\/$/g, '')
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replace(/\*+/g, (stars) => (stars.length > 1 ? '.*' : '[^/]*'))}$`,
    );
  const named = (negated) =>
    patterns.filter((one) => one.startsWith('!') === negated).map((one) => rule(one));
  const [yes, no] = [named(false), named(true)];
  return folders.filter(
    (name) => yes.some((one) => one.test(name)) && !no.some((one) => one.test(name)),
  );
}

// yarn's lockfile names each package with the ranges that it was asked for.
function rangesOf(text) {
  const ranges = new Map();
  for (const line of textLines(text)) {
    if (!line.endsWith(':') || /^[ \t#]/.test(line)) continue;
    for (const asked of line.slice(0, -1).replace(/"/g, '').split(', ')) {
      const at = asked.indexOf('@', 1);
      const [name, range] = [asked.slice(0, at), asked.slice(at + 1).replace(/^npm:/, '')];
      ranges.set(name, [...(ranges.get(name) || []), range]);
    }
  }
  return ranges;
}

// Since yarn 2 the lockfile holds what each package.json of the workspace asks for.
function ofBerry(text, { has }) {
  const asked = new Map();
  for (const entry of Object.values(tables(text))) {
    const [, place] = /@workspace:(.*)$/s.exec(tableOf(entry).resolution || '') || [];
    if (place) asked.set(asMember(place), tableOf(entry.dependencies));
  }
  if (!asked.has('')) return null;
  const find = (member, name) => {
    const range = (asked.get(member) || {})[name];
    return range ? { locked: 'unknown', specifier: range.replace(/^npm:/, '') } : MISSING;
  };
  return { members: [...asked.keys()].filter(Boolean).filter(has), find };
}

function ofYarn(text, { has, about, folders }) {
  const hasMetadata = textLines(text).some((line) => line.startsWith('__metadata:'));
  const berry = hasMetadata ? ofBerry(text, { has }) : null;
  if (berry) return berry;
  const workspaces = about('').workspaces;
  const patterns = [tableOf(workspaces).packages || workspaces || []].flat().map(String);
  const members = matching(patterns, folders).filter(has);
  const own = new Set(members.map((member) => about(member).name));
  const ranges = rangesOf(text);
  const find = (_, name, spec) => {
    const asked = ranges.get(name);
    if (own.has(name)) return { locked: 'link', specifier: '' };
    if (!asked) return MISSING;
    return { locked: 'unknown', specifier: asked.includes(spec) ? spec : asked[0] };
  };
  return { members, find };
}

const READERS = {
  'npm-shrinkwrap.json': ofNpm,
  'package-lock.json': ofNpm,
  'pnpm-lock.yaml': ofPnpm,
  'yarn.lock': ofYarn,
  'bun.lock': ofBun,
};

// What each package.json asks for, and what is locked of it; `place` is where the lockfile lies.
function direct(tree, place) {
  const at = (...names) => path.posix.join(place, ...names);
  const name = Object.keys(READERS).find((one) => tree.has(at(one)));
  if (!name || !tree.has(at('package.json'))) return [];
  const has = (member) => tree.has(at(member, 'package.json'));
  const about = (member) => jsonOf(tree, at(member, 'package.json'));
  const folders = [...tree.keys()]
    .filter((one) => one.endsWith('/package.json') && one.startsWith(place ? `${place}/` : ''))
    .map((one) => path.posix.dirname(path.posix.relative(place, one)));
  const lock = READERS[name](textOf(tree, at(name)), { has, about, folders });
  if (!lock) return [];
  return ['', ...lock.members].flatMap((member) =>
    wants(about(member)).map(([wanted, spec]) => ({
      member,
      name: wanted,
      spec: String(spec),
      ...lock.find(member, wanted, String(spec)),
    })),
  );
}

module.exports = { direct };
