// The app's data inside a build output: kept in one directory, to which every version has a link.
'use strict';
const fs = require('fs');
const path = require('path');
const { exists } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { moveTo } = require('../../remote/scripts/permissions');
const { isWithin } = require('./made_files');

const sharedPaths = () => params.shared_paths || [];
const isShared = (name) => sharedPaths().some((place) => isWithin(name, place));
const storeOf = (name) => inDeploy('shared', name);
const isLink = (file) => exists(file) && fs.lstatSync(file).isSymbolicLink();

// The shared paths that lie inside one of these outputs.
const sharedIn = (outputs) =>
  sharedPaths().filter((name) =>
    outputs.some((output) => name !== output && isWithin(name, output)),
  );

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

// Moves the data of the live outputs to its place, and links it. Each step may be repeated after an interruption.
function shareLive(outputs, keptAside) {
  for (const name of sharedIn(outputs.filter((one) => exists(path.join(project, one))))) {
    const live = path.join(project, name);
    if (isLink(live)) continue;
    if (exists(live))
      move(live, exists(storeOf(name)) ? path.join(keptAside, name) : storeOf(name));
    if (exists(storeOf(name))) link(storeOf(name), live);
  }
}

// Replaces what a version brought at a shared path by a link to the app's data. Without data yet, what the version
// brought becomes it. `rejected` is where the version's own files go.
function linkShared(place, output, rejected) {
  for (const name of sharedIn([output])) {
    const full = path.join(place, name);
    if (exists(full) && !isLink(full))
      move(full, exists(storeOf(name)) ? path.join(rejected, name) : storeOf(name));
    if (exists(storeOf(name))) link(storeOf(name), full);
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
