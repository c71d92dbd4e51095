// What a person needs to see after a failure, in one private file, with secrets masked. needs: common process pm2 env
'use strict';
function tailSince(file, offset, most = 65536) {
  if (!file || !exists(file)) return '';
  const size = sizeNow(file);
  return bytesBetween(file, Math.max(size - most, offset <= size ? offset : 0), size).toString();
}

const logFiles = (workers) => [...new Set(workers.flatMap((worker) => [worker.err_log, worker.out_log]))].filter(Boolean);
const logSizes = (workers) => Object.fromEntries(logFiles(workers).map((file) => [file, sizeNow(file)]));

function writeDossier(title, seen, sizes) {
  const sections = [title, `health: ${seen.reason}`];
  if (seen.answer) sections.push(`answer: ${JSON.stringify(seen.answer, null, 1)}`);
  sections.push(`processes: ${JSON.stringify(seen.workers || [], null, 1)}`);
  for (const file of logFiles(seen.workers || [])) sections.push(`== ${file}\n${tailSince(file, sizes[file] || 0)}`);
  sections.push(`disk:\n${run(['df', '-h', project]).stdout}`);
  const file = inDeploy('jobs', params.job, 'dossier.txt');
  writeWhole(file, mask(sections.join('\n\n')) + '\n');
  return file;
}

// The last thing the app said is mostly why.
function lastErrors(seen, sizes, lines = 5) {
  const said = (seen.workers || []).map((worker) => tailSince(worker.err_log, sizes[worker.err_log] || 0));
  const frame = /^\s+at |^Node\.js v|^\s*\^+$/; // where in the app it was is for the dossier
  return mask([...new Set(said)].join('\n')).trim().split('\n').filter((line) => line.trim() && !frame.test(line)).slice(-lines);
}
