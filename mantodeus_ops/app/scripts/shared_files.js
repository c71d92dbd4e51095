// The app's data inside a build output: kept in one directory, to which every version has a link. The directory has the
// modes of the project, as another account may serve the data.
'use strict';
const fs = require('fs');
const path = require('path');
const { SHARED, exists, isWithin, statOf } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { moveTo } = require('../../remote/scripts/permissions');

const sharedPaths = () => params.shared_paths || [];
const isShared = (name) => sharedPaths().some((place) => isWithin(name, place));
const storeOf = (name) => path.join(project, SHARED, name);
const isLink = (file) => exists(file) && fs.lstatSync(file).isSymbolicLink();

// The shared paths that lie inside one of these outputs.
const sharedIn = (outputs) =>
  sharedPaths().filter((name) =>
    outputs.some((output) => name !== output && isWithin(name, output)),
  );

// As seen from the live version, so that the link serves wherever the project lies.
const targetOf = (name) => path.relative(path.dirname(path.join(project, name)), storeOf(name));

function link(target, place) {
  fs.mkdirSync(path.dirname(place), { recursive: true });
  const fresh = `${place}.ops-link`;
  fs.rmSync(fresh, { force: true });
  fs.symlinkSync(target, fresh);
  fs.renameSync(fresh, place);
}

function move(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  moveTo(from, to);
}

// The directories above the data, with the modes that those of the project have.
function makeStore(name) {
  const folders = path.dirname(name).split('/');
  const above = ['.', ...folders.map((_, at) => folders.slice(0, at + 1).join('/'))];
  for (const folder of above.filter((one) => !exists(path.join(project, SHARED, one)))) {
    const like = statOf(path.join(project, folder)) || fs.statSync(project);
    fs.mkdirSync(path.join(project, SHARED, folder), { recursive: true });
    fs.chmodSync(path.join(project, SHARED, folder), like.mode & 0o777);
  }
}

// The first data at a shared path becomes the app's; any other goes aside.
function keepData(place, name, aside) {
  if (exists(storeOf(name))) return move(place, path.join(aside, name));
  makeStore(name);
  return moveTo(place, storeOf(name));
}

// Moves the data of the live outputs to its place, and links it. Each step may be repeated after an interruption.
function shareLive(outputs, keptAside) {
  for (const name of sharedIn(outputs.filter((one) => exists(path.join(project, one))))) {
    const live = path.join(project, name);
    if (isLink(live)) continue;
    if (exists(live)) keepData(live, name, keptAside);
    if (exists(storeOf(name))) link(targetOf(name), live);
  }
}

// Replaces what a version brought at a shared path by a link to the app's data. Without data yet, what the version
// brought becomes it. `rejected` is where the version's own files go.
function linkShared(place, output, rejected) {
  for (const name of sharedIn([output])) {
    const full = path.join(place, name);
    if (exists(full) && !isLink(full)) keepData(full, name, rejected);
    if (exists(storeOf(name))) link(targetOf(name), full);
  }
}

// In a stage, which may never go live, the link leads to where the data is now.
function linkIntoStage(stage, outputs) {
  for (const name of sharedPaths()) {
    const inside = sharedIn(outputs).includes(name);
    const source = [storeOf(name), path.join(project, name)].find(exists);
    if (!source || (inside && !exists(path.join(stage, name.split('/')[0])))) continue;
    const full = path.join(stage, name);
    fs.rmSync(full, { recursive: true, force: true });
    link(source, full);
  }
}

module.exports = { isShared, linkIntoStage, linkShared, shareLive };
