// What is blank and what ends a line, as text/sanitize.py has it: JavaScript's own trim, \s and /m take U+2028 for both.
'use strict';
const BLANKS = ' \t\r\n';

// Not by a pattern, which would look at a run of blanks once for each of them.
function endTrimmed(text) {
  let end = text.length;
  while (end > 0 && BLANKS.includes(text[end - 1])) end -= 1;
  return text.slice(0, end);
}

function trimmed(text) {
  let start = 0;
  while (start < text.length && BLANKS.includes(text[start])) start += 1;
  return endTrimmed(text.slice(start));
}

// What blanks stand between.
const fieldsOf = (text) => text.split(/[ \t\r\n]+/).filter(Boolean);

// The lines that \n ends, without their ends and without those that say nothing.
const textLines = (text) => text.split('\n').map(endTrimmed).filter(Boolean);

module.exports = { fieldsOf, textLines, trimmed };
