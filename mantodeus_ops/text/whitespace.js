// Blanks and line ends as in text/sanitize.py: JavaScript's trim, \s and /m also accept U+2028.
'use strict';
const BLANKS = ' \t\r\n';

// Without a regular expression, which would take quadratic time for long runs of blanks.
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

// The words between blanks.
const fieldsOf = (text) => text.split(/[ \t\r\n]+/).filter(Boolean);

// The non-empty lines, separated by \n, without blanks at their ends.
const textLines = (text) => text.split('\n').map(endTrimmed).filter(Boolean);

module.exports = { fieldsOf, textLines, trimmed };
