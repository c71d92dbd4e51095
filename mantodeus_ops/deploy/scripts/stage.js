// Puts a revision into a new stage; what an interrupted one left running or lying there goes away first.
'use strict';
const fs = require('fs');
const path = require('path');
const { ourGit } = require('../../app/scripts/git');
const { begunStages, gitDirectory } = require('../../app/scripts/git_locks');
const { mask } = require('../../redaction/scripts/app_secrets');
const { runFiltered } = require('../../redaction/scripts/output_filter');
const { prepareGround } = require('../../remote/scripts/directories');
const { exists } = require('../../remote/scripts/files');
const { print } = require('../../remote/scripts/job_log');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { everyPid, worksIn } = require('../../remote/scripts/process');
const { fail } = require('../../remote/scripts/reply');
const { writeWhole } = require('../../remote/scripts/state_file');
const { trimmed } = require('../../text/whitespace');
const { sweep } = require('../../transaction/scripts/swap');
const { stagedFile } = require('./app_files');
const { endEveryAside } = require('./isolated_pm2');

const staging = inDeploy('staging');

function clear() {
  prepareGround();
  if (exists(inDeploy('staged.json'))) writeWhole(inDeploy('staged.json'), 'null');
  for (const pid of everyPid().filter((one) => worksIn(one, staging))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it went by itself
    }
  }
  fs.rmSync(stagedFile, { force: true });
  sweep(staging);
  for (const stage of begunStages(gitDirectory())) fs.rmSync(path.join(stage, 'locked')); // no prune goes past that
  ourGit(['worktree', 'prune']);
}

async function bring() {
  for (const { line, argv, seconds } of params.commands) {
    print(mask(`$ ${line}`));
    const { code } = await runFiltered(argv, { cwd: project }, seconds);
    if (code !== 0) return code === null ? 1 : code;
  }
  const here = trimmed(ourGit(['rev-parse', '--verify', 'HEAD'], { cwd: staging }).stdout);
  if (here === params.revision) return 0;
  print(`the stage is at ${here || 'no revision'} and not at ${params.revision}`);
  return 1;
}

clear();
endEveryAside()
  .then(bring)
  .then((code) => process.exit(code), fail);
