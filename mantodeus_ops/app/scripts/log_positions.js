// Where files end at a moment, so that later only what was written after it counts.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const { bytesBetween, exists, sizeNow } = require('../../remote/scripts/files');

const PRINT_BYTES = 256;

function endPrint(file, end) {
  const last = bytesBetween(file, Math.max(0, end - PRINT_BYTES), end);
  return crypto.createHash('sha256').update(last).digest('hex').slice(0, 16);
}

// Which file it is, how long, and what its last bytes are: one that was emptied and has grown again is known by those.
function markOf(file, end = sizeNow(file)) {
  try {
    return { ino: fs.statSync(file).ino, size: end, print: endPrint(file, end) };
  } catch {
    return { ino: 0, size: 0, print: '' };
  }
}

// The first byte that was written after the mark: of a file that was replaced or emptied since, the first of all.
function writtenSince(file, mark) {
  if (!mark || !mark.size || !exists(file)) return 0;
  const { ino, size } = fs.statSync(file);
  return ino === mark.ino && size >= mark.size && endPrint(file, mark.size) === mark.print
    ? mark.size
    : 0;
}

module.exports = { markOf, writtenSince };
