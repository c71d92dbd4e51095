// Resolves the ref to deploy, and gathers what a deploy of it needs, from git and without touching the work tree.
'use strict';
const fs = require('fs');
const path = require('path');
const { lfsFacts } = require('../../git/scripts/git_lfs');
const { madeLive } = require('../../app/scripts/made_files');
const { nodeFiles } = require('../../app/scripts/node_versions');
const { ask, demandCommit, git, isCommit } = require('../../git/scripts/refs');
const { run } = require('../../remote/scripts/commands');
const { LOCKFILES, PROCESS_FILES, isWithin } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { fieldsOf } = require('../../text/whitespace');
const { installFacts } = require('../../install/scripts/install_inputs');
const { textOf, treeOf } = require('../../git/scripts/revision_files');

function contents(tree, revision) {
  const root = params.root || '';
  const below = (place, names) =>
    names.map((name) => path.posix.join(place, name)).filter((name) => tree.has(name));
  const install = installFacts(tree, revision, root);
  return {
    root_present: !root || [...tree.keys()].some((name) => name.startsWith(`${root}/`)),
    package_json: textOf(tree, path.posix.join(root, 'package.json')),
    install,
    lockfiles: Object.fromEntries(
      below(install.place, LOCKFILES).map((name) => [path.basename(name), tree.get(name).id]),
    ),
    node_files: nodeFiles(root, (name) => textOf(tree, name)),
    lfs: lfsFacts(revision, (words) => git(...words)),
    submodules: [...tree].filter(([, { mode }]) => mode === '160000').length,
    ecosystems: below(root, PROCESS_FILES),
    named_ecosystem: params.ecosystem ? tree.has(path.posix.normalize(params.ecosystem)) : true,
    env_example: textOf(tree, params.env_example),
    env_example_live: git('cat-file', 'blob', `HEAD:${params.env_example}`).stdout,
    env_tracked: tree.has(path.posix.normalize(params.env_file)),
    tree_bytes: [...tree.values()].reduce((sum, { size }) => sum + size, 0),
  };
}

const namesOf = (...argv) =>
  git(...argv)
    .stdout.split('\0')
    .filter(Boolean);

// The untracked files, ignored or not, that a checkout would replace by this file of the revision.
function behind(name, tracked) {
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const place = name.slice(0, at);
    const stat = fs.lstatSync(path.join(project, place), { throwIfNoEntry: false });
    if (!stat) return [];
    if (!stat.isDirectory()) return tracked.has(place) ? [] : [place];
  }
  const stat = fs.lstatSync(path.join(project, name), { throwIfNoEntry: false });
  if (!stat) return [];
  return stat.isDirectory()
    ? namesOf('ls-files', '--others', '-z', '--', `:(literal)${name}`)
    : [name];
}

// The untracked files that a checkout would silently overwrite. Ignored build outputs are left out: they are moved aside.
function inTheWay(tree) {
  const tracked = new Set(namesOf('ls-files', '-z'));
  const found = [
    ...new Set(
      [...tree.keys()]
        .filter((name) => !tracked.has(name))
        .flatMap((name) => behind(name, tracked)),
    ),
  ];
  const outputs = [...(params.build_outputs || []), ...madeLive()];
  const made = found.filter(
    (name) =>
      /(^|\/)node_modules\//.test(`${name}/`) || outputs.some((output) => isWithin(name, output)),
  );
  if (made.length === 0) return found;
  const seen = new Set(namesOf('ls-files', '--others', '--exclude-standard', '-z'));
  return found.filter((name) => !made.includes(name) || seen.has(name));
}

function usage(name) {
  const done = run(['du', '-sk', '--', name]);
  return done.code === 0 ? Number(fieldsOf(done.stdout)[0]) * 1024 : 0;
}

// The commits that a deploy would bring.
function commitsSince(head, revision) {
  if (!head || head === revision) return [];
  const lines = ask('log', '--format=%h %s', '-n', '50', `${head}..${revision}`).split('\n');
  return lines.filter(Boolean);
}

async function main() {
  const found = demandCommit(params.ref);
  const tree = treeOf(found.revision);
  const head = isCommit('HEAD');
  const ahead = head && git('merge-base', '--is-ancestor', head, found.revision).code === 0;
  return {
    ...found,
    head,
    subject: ask('log', '-1', '--format=%s', found.revision),
    commits: commitsSince(head, found.revision),
    rewritten: Boolean(head) && !ahead,
    in_the_way: inTheWay(tree),
    bytes: Object.fromEntries(params.measure.map((name) => [name, usage(name)])),
    ...contents(tree, found.revision),
  };
}

module.exports = { main };
