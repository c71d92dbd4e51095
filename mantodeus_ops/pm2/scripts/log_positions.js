// Records where log files end, so that later only lines written after that count.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const { bytesBetween, exists, sizeNow } = require('../../remote/scripts/files');

const PRINT_BYTES = 256;

function endPrint(file, end) {
  const last = bytesBetween(file, Math.max(0, end - PRINT_BYTES), end);
  return crypto.createHash('sha256').update(last).digest('hex').slice(0, 16);
}

// The inode, the size and a digest of the last bytes, which shows whether a file was emptied and has grown again.
function markOf(file, end = sizeNow(file)) {
  try {
    return { ino: fs.statSync(file).ino, size: end, print: endPrint(file, end) };
  } catch {
    return { ino: 0, size: 0, print: '' };
  }
}

// The offset of the first byte after the mark; 0 if the file was replaced or emptied since.
function writtenSince(file, mark) {
  if (!mark || !mark.size || !exists(file)) return 0;
  const { ino, size } = fs.statSync(file);
  return ino === mark.ino && size >= mark.size && endPrint(file, mark.size) === mark.print
    ? mark.size
    : 0;
}

module.exports = { markOf, writtenSince };
