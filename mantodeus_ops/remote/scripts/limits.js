// Maps errors of system calls to refusals: a limit, the disk, or permissions of a file.
'use strict';
const fs = require('fs');
const { exists } = require('./files');
const { inDeploy, project } = require('./params');
const { rightsLacking } = require('./permissions');

const CAUSES = {
  ENOSPC: ['disk-full', 'the disk is full'],
  EDQUOT: ['disk-quota-used-up', 'the disk quota is used up'],
  EROFS: ['disk-read-only', 'the disk is read-only'],
  EIO: ['disk-error', 'the disk has an error'],
  EFBIG: ['file-too-large', 'the limit on the size of a file is reached'],
  EMFILE: ['open-files-used-up', 'the limit on open files of a process is reached'],
  ENFILE: ['host-files-used-up', 'the limit on open files of the host is reached'],
  EAGAIN: ['processes-used-up', 'the limit on processes of the account is reached'],
  ENOMEM: ['memory-used-up', 'there is not enough memory'],
};
const NO_INODES = ['disk-inodes-used-up', 'the disk has no free inode left'];

// Some versions of node have no name for EDQUOT.
const UNNAMED = { '-122': 'EDQUOT' };
const codeOf = (error) => UNNAMED[error.errno] || error.code;
const isFull = (error) => ['ENOSPC', 'EDQUOT'].includes(codeOf(error));

const FEW_INODES = 16; // the failed operation may have freed some since

// Whether the disk has free bytes but no free inodes.
function lacksInodes() {
  const stat = fs.statfsSync && exists(project) ? fs.statfsSync(project) : { files: 0, ffree: 0 };
  return stat.files > 0 && stat.ffree < FEW_INODES;
}

// The refusal for a missing permission; a rename may fail because of its source or its target.
function rightsOf({ path: from, dest }) {
  const causes = [dest, from].filter(Boolean).map((file) => rightsLacking(String(file)));
  return causes.find(([code]) => code !== 'file-refused') || causes[0] || null;
}

// A code of remote/answers/refusals.py and its facts; null if the host did not refuse the call.
function causeOf(error) {
  const code = codeOf(error);
  if (['EACCES', 'EPERM'].includes(code)) return rightsOf(error);
  if (code === 'EAGAIN' && !/^(spawn|fork)/.test(error.syscall || '')) return null; // a pipe was full
  const [refusal, why] = code === 'ENOSPC' && lacksInodes() ? NO_INODES : CAUSES[code] || [];
  return refusal
    ? [refusal, { what: String(error.path || error.syscall || error.message), why }]
    : null;
}

// The text in place of a program's output if a limit kept it from starting.
function whyNot(error) {
  const [, facts] = causeOf(error) || [];
  return facts ? `${facts.why} (${error.message})` : String(error.message);
}

// Does the work; on a full disk again after giving up the reserve, so that the lock and the journal can be written.
function withReserve(work) {
  try {
    return work();
  } catch (error) {
    const reserve = inDeploy('reserve');
    if (!isFull(error) || !exists(reserve)) throw error;
    fs.rmSync(reserve);
    return work();
  }
}

module.exports = { causeOf, whyNot, withReserve };
