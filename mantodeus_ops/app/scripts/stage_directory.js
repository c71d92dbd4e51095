// Where a version is staged: outside the project, as node and package managers search all directories above
// the one they run in, and would find the packages of the live version. `.deploy/staging` is a link to it.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { exists, isWithin } = require('../../remote/scripts/files');
const { inDeploy, project } = require('../../remote/scripts/params');

const staging = inDeploy('staging');

function ancestors(place) {
  const above = path.dirname(place);
  return above === place ? [] : [above, ...ancestors(above)];
}

// Whether node, started there, finds packages that the live version would not find.
const findsPackages = (place) =>
  ancestors(place).some(
    (above) => exists(path.join(above, 'node_modules')) && !ancestors(project).includes(above),
  );

// The outputs are renamed into the project: that takes one file system, and one mount of it.
function canRename(place) {
  const probe = `.ops-probe-${process.pid}`;
  try {
    fs.mkdirSync(place, { recursive: true, mode: 0o700 });
    fs.writeFileSync(path.join(place, probe), '', { mode: 0o600 });
    fs.renameSync(path.join(place, probe), inDeploy(probe));
    fs.rmSync(inDeploy(probe));
    return true;
  } catch {
    if (exists(path.join(place, probe))) fs.rmSync(path.join(place, probe));
    return false;
  }
}

function candidates() {
  const home = process.env.HOME || '/nonexistent';
  const state = process.env.XDG_STATE_HOME || path.join(home, '.local', 'state');
  const key = crypto.createHash('sha256').update(project).digest('hex').slice(0, 12);
  return [
    path.join(state, 'mantodeus-ops', key),
    path.join(path.dirname(project), `.${path.basename(project)}.stage`),
  ];
}

// The first that serves; empty where none does, and the stage then lies inside the project.
const outside = () =>
  candidates().find(
    (place) =>
      path.isAbsolute(place) &&
      !isWithin(place, fs.realpathSync(project)) &&
      !findsPackages(place) &&
      canRename(place),
  ) || '';

// Makes an empty directory for a stage. The one before was swept.
function makeStage() {
  const place = outside();
  if (!place) return;
  const stage = path.join(place, 'staging');
  fs.rmSync(stage, { recursive: true, force: true });
  fs.mkdirSync(stage, { mode: 0o700 });
  fs.symlinkSync(stage, staging);
}

// Its path without links: programs that run in it see that one.
const stagePath = () => (fs.existsSync(staging) ? fs.realpathSync(staging) : staging);

module.exports = { makeStage, stagePath, staging };
