// Files that the app wrote into a live output and that are no part of its version, so that replacing the output does not
// lose them.
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

const versionFile = inDeploy('outputs.json'); // the files of each live output when its version was built
const stagedFile = inDeploy('outputs.staged.json'); // the same for the stage, after its build
const NAMED = 3;

// The files below a name, as paths below the root; without directories, caches of tools, and the target of a link.
function filesBelow(root, name) {
  const isFile = ({ stat, name: entryName }) =>
    stat && (stat.isFile() || (stat.isSymbolicLink() && entryName !== latin(name)));
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
const isOutput = (name) =>
  !isMadeByInstall(name) &&
  !LOCKFILES.includes(path.basename(name)) &&
  ![params.env_file, params.env_place].includes(name);
const outputsOf = (names) => names.filter(isOutput);

// The files of an output beyond its listing, with names in latin1; none if its version has no listing.
function foreignIn(root, name, listing) {
  const known = new Set(listing[name]);
  return listing[name] && exists(path.join(root, name))
    ? filesBelow(root, name).filter((file) => !known.has(asText(file)) && !isShared(asText(file)))
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

// Makes a hard link, so that a program that has the file open goes on writing into the same file; or a copy.
function linkOrCopy(name, from, to) {
  const [source, target] = [from, to].map((root) => bytesOf(`${latin(root)}/${name}`));
  fs.mkdirSync(bytesOf(path.dirname(`${latin(to)}/${name}`)), { recursive: true, mode: 0o700 });
  try {
    fs.linkSync(source, target);
  } catch (error) {
    if (error.code !== 'EEXIST') copyOf(source, target);
  }
}

const isThere = (root, name) => exists(bytesOf(`${latin(root)}/${name}`));
const keptPlace = (run_) => inDeploy('written', run_);

// Links the app's files of the outputs that were moved aside into the new version (`along`) or into written/RUN.
function rescue(run_, names, along) {
  const [root, listing] = [inDeploy('previous', run_), readListing(versionFile)];
  const found = outputsOf(names).flatMap((name) => foreignIn(root, name, listing));
  for (const name of found)
    linkOrCopy(name, root, along && !isThere(project, name) ? project : keptPlace(run_));
  return found.map(asText);
}

// The same for a version that is reverted: the files that it wrote while it was live.
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

// Deletes kept files that are live again, deepest first, so that emptied folders are deleted, too.
function dropReturned(run_) {
  for (const { name, full, stat } of [...walk(latin(inDeploy('written')), latin(run_))]
    .filter((entry) => entry.stat)
    .reverse()) {
    const live = bytesOf(`${latin(project)}/${name.slice(latin(run_).length + 1)}`);
    if (stat.isDirectory() && namesIn(full).length === 0) fs.rmdirSync(full);
    if (stat.isFile() && isSame(full, live)) fs.rmSync(full);
  }
}

// Deletes kept files that are live again (a person copied them back), a day later: until then all of them stay where the
// run reported them. All others are the only copy and are kept.
function tidyWritten() {
  for (const run_ of namesIn(inDeploy('written')).filter(
    (name) => ageOf(inDeploy('written', name)) > A_DAY,
  )) {
    try {
      dropReturned(run_);
    } catch (error) {
      if (![...SHUT, ...GONE].includes(error.code)) throw error;
    }
  }
}

// Writes the listings of the new and the live version beside the outputs that are moved aside, for a revert.
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

// Makes the listing of the new (`coming`) or the restored (`version`) version the live one.
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
