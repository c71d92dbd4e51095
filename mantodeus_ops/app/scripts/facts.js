// Gathers all facts that tasks decide by, in one program and without changing anything.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { backups, summaryOf } = require('../../backup/scripts/manifest');
const { SHUT } = require('../../backup/scripts/tar_writer');
const { writtenFacts } = require('../../deploy/scripts/app_files');
const { inspection } = require('../../monitor/scripts/checklist_facts');
const { whyNone } = require('../../remote/scripts/errors');
const { digestOf, exists, onPath, readText, statOf } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { readJobs } = require('../../remote/scripts/process');
const { isObject, readState } = require('../../remote/scripts/state_file');
const { now } = require('../../remote/scripts/time');
const { trimmed } = require('../../text/whitespace');
const { openRun, readHistory, readLive } = require('../../transaction/scripts/journal');
const { describe, newest } = require('../../transaction/scripts/lock');
const { previousStates } = require('../../transaction/scripts/previous_states');
const { disk } = require('./disk');
const { ourGit, ourGitAsync } = require('../../git/scripts/git');
const { remoteFacts } = require('../../git/scripts/git_remote');
const { nodeFacts } = require('./node_versions');
const { backupPaths, installedLive, isMadeByInstall, madeLive } = require('./made_files');
const { workersBeside } = require('../../pm2/scripts/other_apps');
const { pm2Daemon } = require('../../pm2/scripts/pm2_daemon');
const { crashFacts, healthFacts, pm2Facts } = require('../../pm2/scripts/pm2_facts');
const { movedAt } = require('../../git/scripts/revisions');

// The clone of which the project is a folder.
function enclosingClone() {
  if (!exists(project)) return {};
  const asked = ourGit(['rev-parse', '--show-toplevel', '--show-prefix']);
  const [enclosing, folder] = asked.stdout.split('\n').map((one) => one.replace(/\/$/, ''));
  return folder && ourGit(['ls-files', '--', '.']).stdout ? { enclosing, folder } : {};
}

async function gitFacts() {
  if (!exists(path.join(project, '.git'))) return { present: false, ...enclosingClone() };
  const done = await ourGitAsync([
    '--no-optional-locks',
    'status',
    '--porcelain=v2',
    '--branch',
    '-z',
    '--untracked-files=no',
  ]);
  if (done.code !== 0)
    return {
      present: true,
      error: trimmed(done.stderr) || `it ended with ${done.signal || done.code}`,
      head: '',
      branch: '',
      dirty: [],
    };
  const facts = { present: true, head: '', branch: '', dirty: [], moved: movedAt() };
  const fields = done.stdout.split('\0');
  for (let index = 0; index < fields.length; index++) {
    const line = fields[index];
    if (line.startsWith('# branch.oid '))
      facts.head = line.slice(13) === '(initial)' ? '' : line.slice(13);
    else if (line.startsWith('# branch.head '))
      facts.branch = line.slice(14) === '(detached)' ? '' : line.slice(14);
    else if (/^[1u] /.test(line))
      facts.dirty.push(
        line
          .split(' ')
          .slice(line[0] === '1' ? 8 : 10)
          .join(' '),
      );
    else if (line.startsWith('2 ')) facts.dirty.push(line.split(' ').slice(9).join(' ')) && index++;
  }
  return facts;
}

function tools() {
  const names = [
    'npm',
    'npx',
    'pnpm',
    'yarn',
    'bun',
    'corepack',
    'git',
    'tar',
    'gzip',
    'setsid',
    'timeout',
    'nice',
    'crontab',
  ];
  return Object.fromEntries(names.map((name) => [name, onPath(name)]));
}

// The paths that a change moves or packs and that are a link or on another file system.
function oddPlaces(packed) {
  const home = statOf(project);
  return [...new Set([...(params.places || []), ...packed])]
    .map((name) => {
      const [full, end] = [path.join(project, name), statOf(path.join(project, name))];
      const link = exists(full) && fs.lstatSync(full).isSymbolicLink() ? fs.readlinkSync(full) : '';
      return {
        name,
        link: link.slice(0, 200),
        broken: Boolean(link) && !end,
        elsewhere: Boolean(end) && end.dev !== home.dev,
      };
    })
    .filter((place) => place.link || place.elsewhere);
}

function envFacts() {
  const file = path.join(project, params.env_file);
  const stat = statOf(file);
  if (!stat) return { present: false };
  const known = { present: true, mode: (stat.mode & 0o777).toString(8), digest: '' };
  if (!stat.isFile()) return known; // reading a directory fails, reading a pipe may never end
  try {
    return {
      ...known,
      digest: digestOf(file),
      text: params.want.includes('env') ? readText(file) : undefined,
    };
  } catch (error) {
    if (!params.want.includes('sealed') || !SHUT.includes(error.code)) throw error;
    return { ...known, ...whyNone(error) };
  }
}

// Output of the app and of PM2 is redacted with the secrets in .env. If .env cannot be read, no output is shown.
/** @type {(facts: any) => any} */
function withoutWords({ error, refusal, ...seen }) {
  return error
    ? {
        ...seen,
        error: 'PM2 did not list its processes',
        refusal: { ...refusal, facts: { ...refusal.facts, why: '' } },
      }
    : seen;
}

function withoutAnswer({ body, ...seen }) {
  const reason =
    seen.healthy || !seen.status
      ? seen.reason
      : `it answered ${seen.status}; what it said is not shown`;
  return { ...seen, reason, body: '' };
}

function writable(place) {
  let there = place;
  while (!exists(there) && there !== '/') there = path.dirname(there);
  try {
    fs.accessSync(there, fs.constants.W_OK | fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function main() {
  const wants = (name) => params.want.includes(name);
  const remote = wants('remote') && exists(path.join(project, '.git')) ? remoteFacts() : null;
  const env = envFacts();
  const [git, pm2Listed] = await Promise.all([
    gitFacts(),
    pm2Facts().catch((error) => ({
      daemon: pm2Daemon() > 0,
      workers: [],
      others: [],
      apps: [],
      ...whyNone(error),
    })),
  ]);
  const pm2Seen = env.refusal ? withoutWords(pm2Listed) : pm2Listed;
  const healthy = wants('health') ? await healthFacts(pm2Seen) : null;
  const inspected = wants('check')
    ? await inspection([...pm2Seen.workers, ...workersBeside(pm2Seen.others)])
    : null;
  const [open, made] = [openRun(), madeLive()];
  const packed = backupPaths(made);
  return {
    user: os.userInfo().username,
    uid: os.userInfo().uid,
    hostname: os.hostname(),
    now: now(),
    runtime: await nodeFacts(),
    abi: `${process.versions.modules}-${process.platform}-${process.arch}`,
    found: process.env.OPS_FOUND,
    tools: tools(),
    project: {
      present: exists(project),
      writable: writable(project),
      backups_writable: writable(path.resolve(project, params.backup_dir)),
    },
    made,
    whole: made.every((name) => exists(path.join(project, name))),
    backup_paths: packed,
    installed: installedLive(made),
    places: oddPlaces(packed),
    written: wants('written') ? writtenFacts(made.filter((name) => !isMadeByInstall(name))) : [],
    env,
    disk: disk(),
    git,
    pm2: pm2Seen,
    health: healthy && env.refusal ? withoutAnswer(healthy) : healthy,
    remote: await remote,
    crashes: crashFacts(pm2Seen),
    check: inspected,
    live: readLive(),
    lock: describe(newest().record),
    open_run: open && {
      run: open.begin.run,
      task: open.begin.task,
      who: open.begin.who,
      at: open.begin.at,
      step: open.steps[open.steps.length - 1],
    },
    staged: statOf(inDeploy('staging'))
      ? readState(inDeploy('staged.json'), { is: isStaged })
      : null,
    history: readHistory(params.history || 1),
    backups: backups().map(summaryOf),
    previous: previousStates(),
    jobs: readJobs(),
    rejected: readState(inDeploy('rejected.json'), { otherwise: {} }),
  };
}

const isStaged = (one) => one === null || isObject(one); // null: the stage has gone live

module.exports = { main };
