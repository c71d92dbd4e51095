// Writes down small facts between the steps of a run.
'use strict';
const fs = require('fs');
const path = require('path');
const { holdRevisions } = require('../../app/scripts/revisions');
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

const KEPT_JOBS = 30; // enough to look back at, few enough not to fill a disk
const KEPT_BYTES = 64 << 20; // of their logs, the newest aside

// A job whose files never came whole has no name that is followed; one on its way is younger than this.
const HALF_SECONDS = 600;

function tidyHalf() {
  for (const { id } of readJobs().filter((job) => job.id.endsWith('.new'))) {
    const place = inDeploy('jobs', id);
    if (ageOf(place) > HALF_SECONDS) removeTree(place);
  }
  sweepTemporary(deployDir);
}

const LAUNCH_TURNS = 40; // of 50 ms: so long a job that has its name gets to say who it is
const beginning = () =>
  readJobs().filter((job) => !job.ended && !job.pid && !job.id.endsWith('.new'));
const isNew = (job) => exists(inDeploy('jobs', job.id)) && ageOf(inDeploy('jobs', job.id)) < 2;

// A job that was killed before it began looks like one that is about to: this one may not begin any more (run.sh).
function giveUp({ id }) {
  const [code, pid] = ['rc', 'pid'].map((name) => inDeploy('jobs', id, name));
  try {
    fs.writeFileSync(code, 'vanished\n', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes(error.code)) return;
    throw error;
  }
  if (exists(pid)) fs.rmSync(code); // it came first
}

// What was made ready for a commit that never came holds an .env, and must not lie there.
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

// The archive first, under a name that is not listed: what is cut off here is swept up by the next backup.
function prune(names) {
  for (const name of names.filter((one) => NAME.test(one))) {
    const gone = path.join(backupDir, `.${name}.gone`);
    if (exists(archiveOf(name))) fs.renameSync(archiveOf(name), gone);
    fs.rmSync(manifestOf(name), { force: true });
    fs.rmSync(gone, { force: true });
  }
  if (names.length && exists(backupDir)) syncDirectory(backupDir);
  if (names.length) holdRevisions(backups());
  keepReserve();
}

// Told twice over a dropped line, it is written once.
const known = (record) =>
  readHistory(20).some((one) => one.run === record.run && one.status === record.status);

async function main() {
  if (params.history && !known(params.history))
    appendRecord(historyFile, { at: now(), ...masked(params.history) });
  if (params.prune) prune(params.prune);
  if (params.mark) markState(params.mark.state, params.mark.change);
  if (params.tidy) for (const tidy of [tidyJobs, tidyHalf, tidyReady, tidyWritten]) await tidy();
  return { done: true, backups: params.list ? backups().map(summaryOf) : [] };
}

module.exports = { main };
