// What the host refuses, by its cause: which limit is reached, what the disk lacks, whose file it is.
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

// Not every node has a name for EDQUOT, and those that lack it do not agree on what to say instead.
const UNNAMED = { '-122': 'EDQUOT' };
const codeOf = (error) => UNNAMED[error.errno] || error.code;
const isFull = (error) => ['ENOSPC', 'EDQUOT'].includes(codeOf(error));

const FEW_INODES = 16; // what failed may have freed some since

// A disk may have room for bytes and none for one more file.
function lacksInodes() {
  const stat = fs.statfsSync && exists(project) ? fs.statfsSync(project) : { files: 0, ffree: 0 };
  return stat.files > 0 && stat.ffree < FEW_INODES;
}

// A rename fails for what is at either end of it.
function rightsOf({ path: from, dest }) {
  const causes = [dest, from].filter(Boolean).map((file) => rightsLacking(String(file)));
  return causes.find(([code]) => code !== 'file-refused') || causes[0] || null;
}

// A code of remote/answers/refusals.py and its facts; null for what is no refusal of the host.
function causeOf(error) {
  const code = codeOf(error);
  if (['EACCES', 'EPERM'].includes(code)) return rightsOf(error);
  if (code === 'EAGAIN' && !/^(spawn|fork)/.test(error.syscall || '')) return null; // a pipe may be busy
  const [told, why] = code === 'ENOSPC' && lacksInodes() ? NO_INODES : CAUSES[code] || [];
  return told ? [told, { what: String(error.path || error.syscall || error.message), why }] : null;
}

// For a text of other programs, in whose place a limit has come.
function whyNot(error) {
  const [, facts] = causeOf(error) || [];
  return facts ? `${facts.why} (${error.message})` : String(error.message);
}

// On a full disk the reserve gives way: what makes room, and what goes back, can still be written down.
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
