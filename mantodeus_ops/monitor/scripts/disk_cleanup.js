// Measures what can be deleted to free disk space, and deletes it on request.
'use strict';
const fs = require('fs');
const path = require('path');
const { disk } = require('../../app/scripts/disk');
const { ourGit } = require('../../git/scripts/git');
const { listLive } = require('../../pm2/scripts/live_apps');
const { workersBeside } = require('../../pm2/scripts/other_apps');
const { pm2Home } = require('../../pm2/scripts/pm2_daemon');
const { stagePath, staging } = require('../../app/scripts/stage_directory');
const { backupDir, backups, summaryOf } = require('../../backup/scripts/manifest');
const { drop, storedAssets } = require('../../deploy/scripts/keep_assets');
const { keepReserve } = require('../../remote/scripts/directories');
const { exists, namesIn, removeTree } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { liveJobs } = require('../../remote/scripts/process');
const { writeWhole } = require('../../remote/scripts/state_file');
const { sweep } = require('../../transaction/scripts/swap');

const LEAST_LOG = 1 << 20; // smaller logs are not worth shortening
const TAIL_KEPT = 65536; // bytes kept at the end of a log

// The bytes that deleting a path frees; a file with other hard links frees none.
function bytesBelow(place) {
  let stat;
  try {
    stat = fs.lstatSync(place);
  } catch {
    return 0;
  }
  if (!stat.isDirectory()) return stat.nlink > 1 ? 0 : stat.blocks * 512;
  let total = 0;
  for (let waiting = [place]; waiting.length;) {
    const directory = waiting.pop();
    for (const entry of namesIn(directory)) {
      const child = fs.lstatSync(path.join(directory, entry), { throwIfNoEntry: false });
      if (!child) continue;
      if (child.isDirectory()) waiting.push(path.join(directory, entry));
      else if (child.nlink === 1) total += child.blocks * 512;
    }
  }
  return total;
}

// The logs of the live version's apps, their rotated copies, and the log of PM2's daemon.
async function logItems() {
  const seen = await listLive().catch(() => ({ workers: [], others: [] }));
  const workers = [...seen.workers, ...workersBeside(seen.others)];
  const live = [
    ...new Set([
      ...workers.flatMap((worker) => [worker.out_log, worker.err_log]),
      path.join(pm2Home(), 'pm2.log'),
    ]),
  ].filter((file) => file && exists(file) && fs.statSync(file).size > LEAST_LOG);
  const rotated = [
    ...new Set(workers.flatMap((worker) => [worker.out_log, worker.err_log]).filter(Boolean)),
  ].flatMap((file) => {
    const stem = path.basename(file, '.log');
    return namesIn(path.dirname(file))
      .filter(
        (name) =>
          name.startsWith(`${stem}__`) ||
          new RegExp(`^${stem.replace(/[^\w]/g, '\\$&')}\\.log\\.\\d+`).test(name),
      )
      .map((name) => path.join(path.dirname(file), name));
  });
  return [
    ...live.map((file) => ({ kind: 'log', what: file, bytes: fs.statSync(file).size - TAIL_KEPT })),
    ...rotated.map((file) => ({ kind: 'file', what: file, bytes: bytesBelow(file) })),
  ];
}

// Leftovers in .deploy, unless a job is running. What was moved aside for a rollback is kept.
function deployItems() {
  if (liveJobs().length) return [];
  const kept = namesIn(backupDir)
    .filter((name) => /^\.backup-.*\.(partial|gone)$/s.test(name))
    .map((name) => path.join(backupDir, name));
  return [staging, inDeploy('restore'), inDeploy('trash'), ...kept].filter(exists).map((what) => ({
    kind: 'tree',
    what,
    bytes: bytesBelow(what === staging ? stagePath() : what),
  }));
}

const assetItems = () => [
  { kind: 'assets', what: inDeploy('assets'), bytes: storedAssets().bytes },
];

// Caches of npm and yarn, which they can download again.
function cacheItems() {
  const home_ = process.env.HOME || '/nonexistent';
  const npm = process.env.npm_config_cache || path.join(home_, '.npm');
  return [path.join(npm, '_cacache'), path.join(npm, '_npx'), path.join(home_, '.cache', 'yarn')]
    .filter(exists)
    .map((what) => ({ kind: 'cache', what, bytes: bytesBelow(what) }));
}

// Keeps the end of a log in place, as the app goes on writing into the same file.
function shorten(file) {
  const { size } = fs.statSync(file);
  const handle = fs.openSync(file, 'r+');
  try {
    const tail = Buffer.alloc(Math.min(size, TAIL_KEPT));
    fs.readSync(handle, tail, 0, tail.length, size - tail.length);
    fs.ftruncateSync(handle, 0);
    fs.writeSync(handle, tail.subarray(tail.indexOf(10) + 1), 0, undefined, 0);
  } finally {
    fs.closeSync(handle);
  }
}

function clear({ kind, what }) {
  if (kind === 'log') return shorten(what);
  if (kind === 'assets') return drop(storedAssets().names);
  if (kind === 'tree' && what === staging && exists(inDeploy('staged.json')))
    writeWhole(inDeploy('staged.json'), 'null');
  if (what === staging) sweep(what);
  else removeTree(what);
  if (kind === 'tree') ourGit(['worktree', 'prune']);
  return undefined;
}

async function main() {
  const items = [...(await logItems()), ...deployItems(), ...assetItems(), ...cacheItems()].filter(
    (item) => item.bytes > 0,
  );
  const wanted = params.clear || [];
  for (const item of items) if (wanted.includes(item.what)) clear(item);
  if (wanted.length) keepReserve();
  return { items, backups: backups().map(summaryOf), disk: disk() };
}

module.exports = { main };
