// Writes down small facts between the steps of a run. needs: common process journal manifest
'use strict';
const kept = 30; // enough jobs to look back at, few enough not to fill a disk

function tidyJobs() {
  const ended = readJobs().filter((job) => !job.alive && !job.id.endsWith('.new'));
  for (const job of ended.slice(0, Math.max(0, ended.length - kept))) fs.rmSync(inDeploy('jobs', job.id), { recursive: true, force: true });
}

function prune(names) {
  const directory = path.resolve(project, params.backup_dir);
  for (const name of names) {
    fs.rmSync(path.join(directory, `${name}.json`), { force: true });
    fs.rmSync(path.join(directory, `${name}.tar.gz`), { force: true });
  }
}

function mark({ name, verdict }) {
  const file = path.join(path.resolve(project, params.backup_dir), `${name}.json`);
  const manifest = readJson(file);
  if (manifest) writeWhole(file, JSON.stringify({ ...manifest, verdict }));
}

// Told twice over a dropped line, it is written once.
const known = (record) => readHistory(20).some((one) => one.run === record.run && one.status === record.status);

if (params.history && !known(params.history)) appendRecord(historyFile, { at: now(), ...params.history });
if (params.staged !== undefined) writeWhole(inDeploy('staged.json'), JSON.stringify(params.staged));
if (params.prune) prune(params.prune);
if (params.mark) mark(params.mark);
if (params.tidy) tidyJobs();
reply({ done: true, backups: params.list ? backups() : [] });
