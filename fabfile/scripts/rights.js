// What the owner of a file may do with it: said of what lacks it, and given where nothing works without.
'use strict';
const RIGHTS = 0o700;

// A mode as its owner can work with it: a directory is read and entered, a file is read.
function workable(mode, isDirectory) {
  if (!isDirectory) return mode | 0o400;
  return (mode & 0o500) === 0o500 ? mode : mode | RIGHTS;
}

// Whether this account can read what is there.
function canRead(file) {
  try {
    const stat = fs.statSync(file);
    fs.accessSync(file, stat.isDirectory() ? fs.constants.R_OK | fs.constants.X_OK : fs.constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

// What is in the way of this account: the file, or the nearest directory above it that is there.
function rightsLacking(file, what = file) {
  let place = path.resolve(file);
  while (place !== '/' && !fs.lstatSync(place, { throwIfNoEntry: false })) place = path.dirname(place);
  const { uid } = fs.lstatSync(place);
  const facts = { what, place: path.relative(project, place) || '.', uid: process.getuid() };
  if (uid !== process.getuid()) return ['file-of-another', { ...facts, why: `it belongs to the account with uid ${uid}` }];
  return ['file-not-allowed', { ...facts, why: 'its mode keeps this account out' }];
}

// A directory that its owner may not write into goes to no other one, as its way up is in it.
function moveTo(from, to) {
  try {
    return fs.renameSync(from, to);
  } catch (error) {
    const stat = ['EACCES', 'EPERM'].includes(error.code) && fs.lstatSync(from, { throwIfNoEntry: false });
    if (!stat || !stat.isDirectory() || stat.uid !== process.getuid() || (stat.mode & 0o200)) throw error;
    fs.chmodSync(from, (stat.mode & 0o7777) | RIGHTS);
    fs.renameSync(from, to);
    return fs.chmodSync(to, workable(stat.mode & 0o7777, true));
  }
}
