// The versions of node on this host, and what the files of an app ask for.
'use strict';
const fs = require('fs');
const path = require('path');
const { runAsync } = require('../../remote/scripts/commands');
const { namesIn } = require('../../remote/scripts/files');
const { trimmed } = require('../../text/whitespace');
const { daemonProgram } = require('../../pm2/scripts/pm2_daemon');

const NODE_FILES = ['.nvmrc', '.node-version', '.tool-versions', 'mise.toml', '.mise.toml'];
const LONGEST_TEXT = 4000;
const MOST_VERSIONS = 40;

const home = (...names) => path.join(process.env.HOME || '', ...names);
// Where version managers keep each version, and its bin folder below that.
const NODE_PLACES = [
  [path.join(process.env.NVM_DIR || home('.nvm'), 'versions/node'), 'bin'],
  [home('.local/share/fnm/node-versions'), 'installation/bin'],
  [home('.fnm/node-versions'), 'installation/bin'],
  [home('.volta/tools/image/node'), 'bin'],
  [home('.asdf/installs/nodejs'), 'bin'],
  [home('.local/share/mise/installs/node'), 'bin'],
  [home('n/n/versions/node'), 'bin'],
  ['/usr/local/n/versions/node', 'bin'],
];

function otherNodes() {
  const found = NODE_PLACES.flatMap(([place, below]) =>
    namesIn(place)
      .filter((name) => /^v?\d+\.\d+\.\d+$/.test(name))
      .map((name) => ({
        version: `v${name.replace(/^v/, '')}`,
        folder: path.join(place, name, below),
      })),
  );
  return found
    .filter(({ folder }) => fs.existsSync(path.join(folder, 'node')))
    .slice(-MOST_VERSIONS);
}

// The version of the node that PM2's daemon runs in; empty where it does not run.
async function daemonVersion() {
  const program = daemonProgram();
  if (!program) return '';
  if (program === fs.realpathSync(process.execPath)) return process.version;
  const done = await runAsync([program, '--version'], { cwd: '/', timeout: 5 });
  return /^v[\d.]+$/.test(trimmed(done.stdout)) ? trimmed(done.stdout) : '';
}

const nodeFacts = async () => ({
  version: process.version,
  lts: process.release.lts || '',
  others: otherNodes(),
  pm2: await daemonVersion(),
});

// The files of version managers, of the app's folder rather than of the top of its clone. `read` gives an empty text
// for what is not there.
function nodeFiles(root, read) {
  const found = NODE_FILES.map((name) => {
    const place = [path.posix.join(root, name), name].find((one) => read(one));
    return [place, place && read(place).slice(0, LONGEST_TEXT)];
  });
  return Object.fromEntries(found.filter(([place]) => place));
}

module.exports = { nodeFacts, nodeFiles };
