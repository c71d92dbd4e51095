// The versions that earlier runs moved aside, which a rollback may restore by a rename.
'use strict';
const fs = require('fs');
const path = require('path');
const { digestOf, exists, namesIn } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { readState } = require('../../remote/scripts/state_file');
const { isKept } = require('./journal');

// Whether the .env with which a state ran is kept beside it or still the live one.
function envIsThatOf(place, state) {
  if (!state || exists(path.join(place, params.env_file))) return true;
  const file = path.join(project, params.env_file);
  const isFile = fs.existsSync(file) && fs.statSync(file).isFile();
  if (typeof state.env === 'string') return state.env === (isFile ? digestOf(file) : '');
  return isFile && fs.statSync(file).ctimeMs <= fs.statSync(path.join(place, 'state.json')).mtimeMs;
}

function previousState(run) {
  const place = inDeploy('previous', run);
  const state = readState(path.join(place, 'state.json'), { is: isKept });
  const at = state ? fs.statSync(path.join(place, 'state.json')).mtimeMs : 0;
  const swaps = state ? state.swaps.filter((name) => typeof name === 'string') : [];
  const names = swaps.filter((name) => exists(path.join(place, name)));
  return { run, state, names, env_same: envIsThatOf(place, state), at };
}

// All of them, oldest first.
function previousStates() {
  const found = namesIn(inDeploy('previous'))
    .map(previousState)
    .filter((previous) => previous.state);
  return found.sort((left, right) => left.at - right.at);
}

module.exports = { previousStates };
