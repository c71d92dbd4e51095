// Makes small changes between the steps of a run: history, verdicts, deleting backups, cleaning up.
'use strict';
const fs = require('fs');
const path = require('path');
const { holdRevisions } = require('../../git/scripts/revisions');
const {
  NAME,
  archiveOf,
  backupDir,
  backups,
  manifestOf,
  markState,
  summaryOf,
} = require('../../backup/scripts/manifest');
const { tidyWritten } = require('../../deploy/scripts/app_files');
const { endEveryAside } = require('../../deploy/scripts/isolated_pm2');
const { masked } = require('../../redaction/scripts/app_secrets');
const { keepReserve } = require('../../remote/scripts/directories');
const { ageOf, exists, removeTree, sizeNow, syncDirectory } = require('../../remote/scripts/files');
const { deployDir, inDeploy, params } = require('../../remote/scripts/params');
const { liveJobs, readJobs, sweepTemporary } = require('../../remote/scripts/process');
const { appendRecord } = require('../../remote/scripts/record_file');
const { now, sleep } = require('../../remote/scripts/time');
const { historyFile, openRun, readHistory } = require('./journal');
const { sweep } = require('./swap');

const KEPT_JOBS = 30;
const KEPT_BYTES = 64 << 20; // of their logs, not counting the newest job

// A job without its final name and older than this was never completed: its connection dropped during the upload.
const HALF_SECONDS = 600;

function tidyHalf() {
  for (const { id } of readJobs().filter((job) => job.id.endsWith('.new'))) {
    const place = inDeploy('jobs', id);
    if (ageOf(place) > HALF_SECONDS) removeTree(place);
  }
  sweepTemporary(deployDir);
}

const LAUNCH_TURNS = 40; // of 50 ms: how long a launched job has to record its process
const beginning = () =>
  readJobs().filter((job) => !job.ended && !job.pid && !job.id.endsWith('.new'));
const isNew = (job) => exists(inDeploy('jobs', job.id)) && ageOf(inDeploy('jobs', job.id)) < 2;

// Marks a job without a process as ended. It may have been killed or be about to begin; job_runner.sh then does not start.
function giveUp({ id }) {
  const [code, pid] = ['rc', 'pid'].map((name) => inDeploy('jobs', id, name));
  try {
    fs.writeFileSync(code, 'vanished\n', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(error.code)) return;
    throw error;
  }
  if (exists(pid)) fs.rmSync(code); // the job began first
}

// Removes files that were prepared for an activation that never began, as they include .env.
async function tidyReady() {
  if (openRun()) return;
  const ready = [inDeploy('restore'), inDeploy('env')].filter(exists);
  for (let turn = 0; turn < LAUNCH_TURNS && ready.length && beginning().some(isNew); turn++)
    await sleep(0.05);
  if (ready.length) beginning().forEach(giveUp);
  if (!liveJobs().length) sweep(...ready);
}

async function tidyJobs() {
  await endEveryAside();
  const ended = readJobs().filter((job) => !job.alive && !job.id.endsWith('.new'));
  let bytes = 0;
  for (const [turn, job] of ended.reverse().entries()) {
    bytes += sizeNow(inDeploy('jobs', job.id, 'log'));
    if (turn >= KEPT_JOBS || (turn > 0 && bytes > KEPT_BYTES)) removeTree(inDeploy('jobs', job.id));
  }
}

// Deletes backups. The archive is renamed first, so that an interrupted deletion is completed by the next backup.
function prune(names) {
  for (const name of names.filter((candidate) => NAME.test(candidate))) {
    const gone = path.join(backupDir, `.${name}.gone`);
    if (exists(archiveOf(name))) fs.renameSync(archiveOf(name), gone);
    fs.rmSync(manifestOf(name), { force: true });
    fs.rmSync(gone, { force: true });
  }
  if (names.length && exists(backupDir)) syncDirectory(backupDir);
  if (names.length) holdRevisions(backups());
  keepReserve();
}

// Whether the record is in the history already: the program may be run again after a lost connection.
const known = (record) =>
  readHistory(20).some((past) => past.run === record.run && past.status === record.status);

async function main() {
  if (params.history && !known(params.history))
    appendRecord(historyFile, { at: now(), ...masked(params.history) });
  if (params.prune) prune(params.prune);
  if (params.mark) markState(params.mark.state, params.mark.change);
  if (params.tidy) for (const tidy of [tidyJobs, tidyHalf, tidyReady, tidyWritten]) await tidy();
  return { done: true, backups: params.list ? backups().map(summaryOf) : [] };
}

module.exports = { main };
