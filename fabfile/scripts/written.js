// Files that were written into a live output and are no part of its version: not to be carried off with it. needs: common state swap
'use strict';
const versionFile = inDeploy('outputs.json'); // what each live output held when its version was made
const stagedFile = inDeploy('outputs.staged.json'); // the same of the stage, as its build left it
const OWN_CACHES = /(^|\/)(node_modules\/\.[^/]+|\.next|\.nuxt|\.svelte-kit|\.cache|\.vite|\.turbo|\.parcel-cache|\.angular)$/;
const NAMED = 3;

function entriesIn(directory) {
  try {
    return fs.readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return null;
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

// All but directories, by their names below the root; what tools keep for themselves is left out.
function filesBelow(root, name) {
  const found = [];
  for (const waiting = [name]; waiting.length;) {
    const place = waiting.pop();
    const inside = OWN_CACHES.test(place) ? [] : entriesIn(path.join(root, place));
    if (!inside) found.push(place);
    for (const entry of inside || []) (entry.isDirectory() ? waiting : found).push(`${place}/${entry.name}`);
  }
  return found.sort();
}

const isList = (one) => Array.isArray(one) && one.every((name) => typeof name === 'string');
const isListing = (one) => isObject(one) && Object.values(one).every(isList);
const readListing = (file) => readState(file, { is: isListing, otherwise: {} });
const listingOf = (root, names) => Object.fromEntries(names.filter((name) => exists(path.join(root, name))).map((name) => [name, filesBelow(root, name)]));
const outputsOf = (names) => names.filter((name) => params.build_outputs.includes(name));

// Of an output whose version left no listing nothing is said.
function foreignIn(root, name, listing) {
  const known = new Set(listing[name]);
  return listing[name] && exists(path.join(root, name)) ? filesBelow(root, name).filter((one) => !known.has(one)) : [];
}

function writtenFacts(names) {
  const listing = readListing(versionFile);
  return names.map((name) => [name, foreignIn(project, name, listing)]).filter(([, found]) => found.length)
    .map(([name, found]) => ({ name, count: found.length, files: found.slice(0, NAMED) }));
}

// A second name for the same file: who has it open goes on writing into the very file that comes back.
function linkOrCopy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  try {
    fs.linkSync(from, to);
  } catch (error) {
    if (error.code === 'EEXIST') return;
    fs.cpSync(from, to, { verbatimSymlinks: true });
  }
}

const keptPlace = (run_) => inDeploy('written', run_);

// What the output that was moved aside held beyond its version: along into the next one, or to a place where it stays.
function rescue(run_, names, along) {
  const [root, listing] = [inDeploy('previous', run_), readListing(versionFile)];
  const found = outputsOf(names).flatMap((name) => foreignIn(root, name, listing));
  const goes = (name) => along && !exists(liveName(name));
  for (const name of found) linkOrCopy(path.join(root, name), goes(name) ? liveName(name) : path.join(keptPlace(run_), name));
  return found;
}

// The same of a version that does not stay, and what it wrote while it was tried.
function rescueRejected(run_, names) {
  const listing = readListing(savedName(run_, 'coming.json'));
  const fresh = outputsOf(names).filter((name) => exists(savedName(run_, name))).flatMap((name) => foreignIn(project, name, listing)).filter((name) => !exists(savedName(run_, name)));
  for (const name of fresh) linkOrCopy(liveName(name), path.join(keptPlace(run_), name));
  return fresh;
}

// What is to come, and what is live, are written down beside what is moved aside, for the way back to it.
function writeListings(run_, names) {
  const [live, staged, outputs] = [readListing(versionFile), readListing(stagedFile), outputsOf(names)];
  const known = (name) => (sourceOf(name) === 'staging' ? staged : readListing(inDeploy(sourceOf(name), 'version.json')))[name];
  const coming = outputs.filter((name) => exists(stagedName(name))).map((name) => [name, known(name) || filesBelow(inDeploy(sourceOf(name)), name)]);
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

const named = (found) => `${found.slice(0, NAMED).join(', ')}${found.length > NAMED ? ` and ${found.length - NAMED} more` : ''}`;
