// Edits the account's crontab: a line of this tool ends with its mark; all other lines are kept.
'use strict';
const { run } = require('../../remote/scripts/commands');
const { trimmed } = require('../../text/whitespace');

const cronWord = (word) => `'${word.replace(/'/g, `'\\''`)}'`;
const cronText = (text) => text.replace(/%/g, '\\%'); // cron reads an unescaped % as a line end

function cronLines() {
  const listed = run(['crontab', '-l'], { cwd: '/' });
  return { there: listed.code !== 127, text: listed.code === 0 ? listed.stdout : '' };
}

// Replaces the line with this mark; an empty line removes it. Returns a word for the outcome.
function keepCronLine(mark, line) {
  const { there, text } = cronLines();
  if (!there) return 'no crontab';
  const others = text.split('\n').filter((other) => other && !other.endsWith(mark));
  const wanted = [...others, ...(line ? [`${line} ${mark}`] : [])]
    .map((entry) => `${entry}\n`)
    .join('');
  if (text === wanted || (!line && !text.includes(mark))) return 'in place';
  const done = run(['crontab', '-'], { cwd: '/', input: wanted, stdio: ['pipe', 'pipe', 'pipe'] });
  return done.code === 0 ? 'installed' : `crontab refused: ${trimmed(done.stderr)}`;
}

module.exports = { cronLines, cronText, cronWord, keepCronLine };
