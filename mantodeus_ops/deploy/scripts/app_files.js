// Files that were written into a live output and are no part of its version: not to be carried off with it.
'use strict';
const fs = require('fs');
const path = require('path');
const { isMadeByInstall } = require('../../app/scripts/made_files');
const { isShared } = require('../../app/scripts/shared_files');
const {
  GONE,
  OWN_CACHE,
  OWN_OUTPUT,
  SHUT,
  SMALL_BYTES,
  asText,
  bytesOf,
  kindAt,
  latin,
  lookAt,
  walk,
} = require('../../backup/scripts/tar_writer');
const { LOCKFILES, ageOf, exists, namesIn } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { isObject, readState, writeWhole } = require('../../remote/scripts/state_file');
const { A_DAY } = require('../../remote/scripts/time');
const { savedName, sourceOf, stagedName } = require('../../transaction/scripts/swap');

const versionFile = inDeploy('outputs.json'); // what each live output held when its version was made
const stagedFile = inDeploy('outputs.staged.json'); // the same of the stage, as its build left it
const NAMED = 3;

// All but directories, by their names below the root; what tools keep for themselves, and what is only linked to, is left out.
function filesBelow(root, name) {
  const isFile = ({ stat, name: one }) =>
    stat && (stat.isFile() || (stat.isSymbolicLink() && one !== latin(name)));
  const entries = walk(latin(root), latin(name), { without: [OWN_CACHE, OWN_OUTPUT], see: kindAt });
  return [...entries]
    .filter(isFile)
    .map((entry) => entry.name)
    .sort();
}

const isList = (one) => Array.isArray(one) && one.every((name) => typeof name === 'string');
const isListing = (one) => isObject(one) && Object.values(one).every(isList);
const readListing = (file) => readState(file, { is: isListing, otherwise: {} });
const listingOf = (root, names) =>
  Object.fromEntries(
    names
      .filter((name) => exists(path.join(root, name)))
      .map((name) => [name, filesBelow(root, name).map(asText)]),
  );
const NO_OUTPUTS = [...LOCKFILES, params.env_file, params.env_place];
const outputsOf = (names) =>
  names.filter((name) => !isMadeByInstall(name) && !NO_OUTPUTS.includes(name));

// Of an output whose version left no listing nothing is said. The names are as tree.js has them.
function foreignIn(root, name, listing) {
  const known = new Set(listing[name]);
  return listing[name] && exists(path.join(root, name))
    ? filesBelow(root, name).filter((one) => !known.has(asText(one)) && !isShared(asText(one)))
    : [];
}

function writtenFacts(names) {
  const listing = readListing(versionFile);
  return names
    .map((name) => [name, foreignIn(project, name, listing)])
    .filter(([, found]) => found.length)
    .map(([name, found]) => ({
      name,
      count: found.length,
      files: found.slice(0, NAMED).map(asText),
    }));
}

const copyOf = (from, to) =>
  fs.lstatSync(from).isFile()
    ? fs.copyFileSync(from, to)
    : fs.symlinkSync(fs.readlinkSync(from, 'buffer'), to);

// A second name for the same file: who has it open goes on writing into the very file that comes back.
function linkOrCopy(name, from, to) {
  const [one, other] = [from, to].map((root) => bytesOf(`${latin(root)}/${name}`));
  fs.mkdirSync(bytesOf(path.dirname(`${latin(to)}/${name}`)), { recursive: true, mode: 0o700 });
  try {
    fs.linkSync(one, other);
  } catch (error) {
    if (error.code !== 'EEXIST') copyOf(one, other);
  }
}

const isThere = (root, name) => exists(bytesOf(`${latin(root)}/${name}`));
const keptPlace = (run_) => inDeploy('written', run_);

// What the output that was moved aside held beyond its version: along into the next one, or to a place where it stays.
function rescue(run_, names, along) {
  const [root, listing] = [inDeploy('previous', run_), readListing(versionFile)];
  const found = outputsOf(names).flatMap((name) => foreignIn(root, name, listing));
  for (const name of found)
    linkOrCopy(name, root, along && !isThere(project, name) ? project : keptPlace(run_));
  return found.map(asText);
}

// The same of a version that does not stay, and what it wrote while it was tried.
function rescueRejected(run_, names) {
  const listing = readListing(savedName(run_, 'coming.json'));
  const fresh = outputsOf(names)
    .filter((name) => exists(savedName(run_, name)))
    .flatMap((name) => foreignIn(project, name, listing))
    .filter((name) => !isThere(inDeploy('previous', run_), name));
  for (const name of fresh) linkOrCopy(name, project, keptPlace(run_));
  return fresh.map(asText);
}

function isSame(one, other) {
  const [mine, live] = [one, other].map(lookAt);
  if (!live || !live.isFile() || live.size !== mine.size) return false;
  return (
    live.ino === mine.ino ||
    (live.size <= SMALL_BYTES && fs.readFileSync(one).equals(fs.readFileSync(other)))
  );
}

// From the deepest on, so that a folder is looked at when it may have become empty.
function dropReturned(run_) {
  for (const { name, full, stat } of [...walk(latin(inDeploy('written')), latin(run_))]
    .filter((entry) => entry.stat)
    .reverse()) {
    const live = bytesOf(`${latin(project)}/${name.slice(latin(run_).length + 1)}`);
    if (stat.isDirectory() && namesIn(full).length === 0) fs.rmdirSync(full);
    if (stat.isFile() && isSame(full, live)) fs.rmSync(full);
  }
}

// What lies live again, as after it was copied back, goes from here a day later: until then all of it is where the run
// has said that it is. Anything else is the app's own, and stays for good.
function tidyWritten() {
  for (const run_ of namesIn(inDeploy('written')).filter(
    (one) => ageOf(inDeploy('written', one)) > A_DAY,
  )) {
    try {
      dropReturned(run_);
    } catch (error) {
      if (![...SHUT, ...GONE].includes(error.code)) throw error;
    }
  }
}

// What is to come, and what is live, are written down beside what is moved aside, for the way back to it.
function writeListings(run_, names) {
  const [live, staged, outputs] = [
    readListing(versionFile),
    readListing(stagedFile),
    outputsOf(names),
  ];
  const known = (name) =>
    (sourceOf(name) === 'staging' ? staged : readListing(inDeploy(sourceOf(name), 'version.json')))[
      name
    ];
  const coming = outputs
    .filter((name) => exists(stagedName(name)))
    .map((name) => [name, known(name) || filesBelow(inDeploy(sourceOf(name)), name).map(asText)]);
  const leaving = outputs.filter((name) => live[name]).map((name) => [name, live[name]]);
  fs.mkdirSync(inDeploy('previous', run_), { recursive: true, mode: 0o700 });
  writeWhole(savedName(run_, 'version.json'), JSON.stringify(Object.fromEntries(leaving)));
  writeWhole(savedName(run_, 'coming.json'), JSON.stringify(Object.fromEntries(coming)));
}

// Of the version that comes (`coming`) or that is back (`version`).
function settleListings(run_, names, which = 'coming') {
  const other = Object.entries(readListing(versionFile)).filter(([name]) => !names.includes(name));
  const next = { ...Object.fromEntries(other), ...readListing(savedName(run_, `${which}.json`)) };
  writeWhole(versionFile, JSON.stringify(next));
}

const named = (found) =>
  `${found.slice(0, NAMED).join(', ')}${found.length > NAMED ? ` and ${found.length - NAMED} more` : ''}`;

module.exports = {
  NAMED,
  foreignIn,
  keptPlace,
  listingOf,
  named,
  outputsOf,
  readListing,
  rescue,
  rescueRejected,
  settleListings,
  stagedFile,
  tidyWritten,
  versionFile,
  writeListings,
  writtenFacts,
};
