// Fills the submodules of a stage. Their files are then part of the version like those that a build makes: they go
// live by a rename, and are in its backups.
'use strict';
const fs = require('fs');
const path = require('path');
const { GIT, ourGit, remoteEnv } = require('./git');
const { submodulesIn } = require('../../app/scripts/made_files');
const { runFiltered } = require('../../redaction/scripts/output_filter');
const { endOf, refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { print } = require('../../remote/scripts/job_log');
const { textLines, trimmed } = require('../../text/whitespace');

const SUBMODULE_SECONDS = 900;
const FILL = ['submodule', 'update', '--init', '--recursive'];

// The paths that .gitmodules has an address for.
function addressed(stage) {
  const asked = [
    'config',
    '--file',
    '.gitmodules',
    '-z',
    '--get-regexp',
    '^submodule\\..*\\.path$',
  ];
  const entries = ourGit(asked, { cwd: stage }).stdout.split('\0').filter(Boolean);
  return new Set(entries.map((entry) => entry.slice(entry.indexOf('\n') + 1)));
}

// Git keeps the clones of a stage's submodules with the stage: they are carried from one stage to the next.
function carriedClones(stage) {
  const ask = (word) =>
    trimmed(ourGit(['rev-parse', '--path-format=absolute', word], { cwd: stage }).stdout);
  return [
    path.join(ask('--git-common-dir'), 'mantodeus-modules'),
    path.join(ask('--git-dir'), 'modules'),
  ];
}

function carry(from, to) {
  if (!exists(from)) return;
  fs.rmSync(to, { recursive: true, force: true });
  fs.renameSync(from, to);
}

// These files make a folder a separate clone, which would lead to the stage when the stage is gone.
function unlinkClones(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.name === '.git' && entry.isFile()) fs.rmSync(full);
    else if (entry.isDirectory()) unlinkClones(full);
  }
}

const ourGitIn = (stage, words) =>
  runFiltered([...GIT, ...words], { cwd: stage, env: remoteEnv(15) }, SUBMODULE_SECONDS);

// Git tries each twice, and says why at the first time.
const reasonIn = (said) => textLines(said).find((line) => /^(fatal|error):/.test(line)) || said;

async function fillSubmodules(stage) {
  const names = submodulesIn(stage);
  const known = addressed(stage);
  for (const name of names.filter((one) => !known.has(one)))
    print(`${name} is a submodule without an address in .gitmodules: it stays empty`);
  const wanted = names.filter((name) => known.has(name));
  if (wanted.length === 0) return;
  const [kept, own] = carriedClones(stage);
  carry(kept, own);
  print(`$ git ${FILL.join(' ')}`);
  try {
    ourGit(['submodule', '--quiet', 'sync', '--recursive'], { cwd: stage });
    const { code, said } = await ourGitIn(stage, [...FILL, '--force', '--', ...wanted]);
    if (code !== 0) throw refuse('submodules-not-filled', { why: endOf(reasonIn(said)) });
  } finally {
    carry(own, kept);
  }
  for (const name of wanted) unlinkClones(path.join(stage, name));
}

module.exports = { fillSubmodules };
