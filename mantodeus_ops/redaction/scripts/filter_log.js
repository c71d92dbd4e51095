// Filters the output of a job that runs foreign programs into its log.
'use strict';
const net = require('net');
const { endAside } = require('../../deploy/scripts/isolated_pm2');
const { exists } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { sleep } = require('../../remote/scripts/time');
const { Filter } = require('./output_filter');

// stop_job.sh sends SIGTERM to the whole job and SIGKILL after 3 s; the output until then is kept, too.
const LINGER_SECONDS = 2;

function stopped() {
  return new Promise((stop) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'])
      process.on(name, () => sleep(LINGER_SECONDS).then(stop));
  });
}

async function workEnded() {
  while (!exists(inDeploy('jobs', params.job, 'code'))) await sleep(0.1);
}

async function main() {
  const ofWork = new Filter(new net.Socket({ fd: 0, readable: true, writable: false }));
  const left = Promise.race([stopped(), workEnded()]).then(() => ofWork.ended());
  await Promise.race([ofWork.over, left]);
  await endAside().catch(() => {}); // what cannot be ended here is ended by a later run
  return { exit: 0 };
}

module.exports = { main };
