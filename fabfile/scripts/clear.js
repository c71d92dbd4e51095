// Makes room for a new stage: what an interrupted one left running or lying there goes away. needs: common process swap layout gitlocks
'use strict';
const staging = inDeploy('staging');

// A git that was killed while it made a stage leaves its own lock on it, and no prune goes past that. We hold the app's lock.
function unlockStages() {
  const stages = path.join(gitDirectory(), 'worktrees');
  if (!exists(stages)) return;
  for (const name of fs.readdirSync(stages).filter((one) => /^staging\d*$/.test(one))) fs.rmSync(path.join(stages, name, 'locked'), { force: true });
}

prepareGround();
if (exists(inDeploy('staged.json'))) writeWhole(inDeploy('staged.json'), 'null');
for (const pid of everyPid().filter((one) => worksIn(one, staging))) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it went by itself
  }
}
sweep(staging);
unlockStages();
run(['git', 'worktree', 'prune']);
reply({ done: true });
