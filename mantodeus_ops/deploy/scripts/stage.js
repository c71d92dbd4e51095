// Creates a stage of a revision, after removing files and processes of an interrupted one.
'use strict';
const fs = require('fs');
const path = require('path');
const { ourGit, remoteEnv } = require('../../git/scripts/git');
const { pointersLeft } = require('../../git/scripts/git_lfs');
const { begunStages, gitDirectory } = require('../../git/scripts/git_locks');
const { madeLive } = require('../../app/scripts/made_files');
const { readProcessFile } = require('../../pm2/scripts/process_file');
const { linkIntoStage } = require('../../app/scripts/shared_files');
const { makeStage, stagePath, staging } = require('../../app/scripts/stage_directory');
const { mask } = require('../../redaction/scripts/app_secrets');
const { runFiltered } = require('../../redaction/scripts/output_filter');
const { prepareGround } = require('../../remote/scripts/directories');
const { refuse } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { print } = require('../../remote/scripts/job_log');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { everyPid, worksIn } = require('../../remote/scripts/process');
const { writeWhole } = require('../../remote/scripts/state_file');
const { trimmed } = require('../../text/whitespace');
const { sweep } = require('../../transaction/scripts/swap');
const { stagedFile } = require('./app_files');
const { endEveryAside } = require('./isolated_pm2');
const { fillSubmodules } = require('../../git/scripts/submodules');

function clear() {
  prepareGround();
  if (exists(inDeploy('staged.json'))) writeWhole(inDeploy('staged.json'), 'null');
  const place = stagePath();
  for (const pid of everyPid().filter((running) => worksIn(running, place))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has exited meanwhile
    }
  }
  fs.rmSync(stagedFile, { force: true });
  fs.rmSync(inDeploy('installed.json'), { force: true });
  sweep(staging);
  for (const stage of begunStages(gitDirectory())) fs.rmSync(path.join(stage, 'locked')); // `worktree prune` keeps a locked one
  ourGit(['worktree', 'prune']);
  makeStage();
}

// The files of the live tree that a build reads and git ignores.
function linkFiles() {
  for (const name of params.stage_files || []) {
    if (!exists(path.join(project, name))) throw refuse('stage-file-missing', { name });
    const place = path.join(staging, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.rmSync(place, { recursive: true, force: true });
    fs.symlinkSync(path.join(project, name), place);
  }
  linkIntoStage(staging, [...(params.build_outputs || []), ...madeLive()]);
}

async function bring() {
  for (const { line, argv, seconds } of params.commands) {
    print(mask(`$ ${line}`));
    const { code } = await runFiltered(argv, { cwd: project, env: remoteEnv(15) }, seconds);
    if (code !== 0) return code === null ? 1 : code;
  }
  const here = trimmed(ourGit(['rev-parse', '--verify', 'HEAD'], { cwd: staging }).stdout);
  if (here === params.revision) {
    const [pointer, ...more] = pointersLeft(staging, params.revision);
    if (pointer) throw refuse('lfs-pointers-left', { name: pointer, count: more.length + 1 });
    await fillSubmodules(stagePath());
    linkFiles();
    if (params.ecosystem) readProcessFile(stagePath(), params.ecosystem, { early: true });
    return 0;
  }
  print(`the stage is at ${here || 'no revision'} and not at ${params.revision}`);
  return 1;
}

async function main() {
  clear();
  await endEveryAside();
  return { exit: await bring() };
}

module.exports = { main };
