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

// The beginnings of what the app said last: a stack, a field, a bracket belong to the line above, and are for the dossier.
function lastErrors(seen, sizes, lines = 5) {
  const said = (seen.workers || []).map((worker) => tailSince(worker.err_log, sizes[worker.err_log] || 0));
  const all = mask([...new Set(said)].join('\n')).split('\n').filter((line) => /[^ \t\r]/.test(line));
  const aside = /^[ \t]|^[\]})>;,]+\r?$|^Node\.js v/;
  const begun = all.filter((line) => !aside.test(line));
  return (begun.length ? begun : all).slice(-lines);
}
