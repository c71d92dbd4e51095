// The account's own crontab: a line of ours is known by the mark at its end, and every other line stays.
'use strict';
const { run } = require('../../remote/scripts/commands');
const { trimmed } = require('../../text/whitespace');

const cronWord = (word) => `'${word.replace(/'/g, `'\\''`)}'`;
const cronText = (text) => text.replace(/%/g, '\\%'); // cron takes a bare one for the end of the line

function cronLines() {
  const listed = run(['crontab', '-l'], { cwd: '/' });
  return { there: listed.code !== 127, text: listed.code === 0 ? listed.stdout : '' };
}

// Puts the line in the place of any that has the mark; without a line, that one goes. Says what it came to.
function keepCronLine(mark, line) {
  const { there, text } = cronLines();
  if (!there) return 'no crontab';
  const others = text.split('\n').filter((one) => one && !one.endsWith(mark));
  const wanted = [...others, ...(line ? [`${line} ${mark}`] : [])]
    .map((one) => `${one}\n`)
    .join('');
  if (text === wanted || (!line && !text.includes(mark))) return 'in place';
  const done = run(['crontab', '-'], { cwd: '/', input: wanted, stdio: ['pipe', 'pipe', 'pipe'] });
  return done.code === 0 ? 'installed' : `crontab refused: ${trimmed(done.stderr)}`;
}

module.exports = { cronLines, cronText, cronWord, keepCronLine };
