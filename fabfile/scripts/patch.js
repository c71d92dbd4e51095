// Saves what somebody edited on the host as a patch, before a deploy replaces it. needs: common
'use strict';
const file = path.join('.deploy', 'patches', `${params.run}.patch`);
const index = inDeploy('patches', `${params.run}.index`);
fs.mkdirSync(inDeploy('patches'), { recursive: true, mode: 0o700 });

// An index of its own: the checkout's index stays as it is.
const git = (...argv) => {
  const done = run(['git', '-c', 'core.hooksPath=/dev/null', ...argv], { env: { ...process.env, GIT_INDEX_FILE: index } });
  if (done.code !== 0) throw refuse('patch-failed', { command: argv[0], why: endOf(done.stderr) });
  return done.stdout;
};
try {
  git('read-tree', 'HEAD');
  git('add', '--all', '--force', '--', ...params.names);
  writeWhole(path.join(project, file), git('diff', '--cached', '--binary', 'HEAD'));
} finally {
  fs.rmSync(index, { force: true });
}
reply({ file });
