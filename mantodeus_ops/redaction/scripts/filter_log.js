// The only way into the log of a job that runs other people's programs.
'use strict';
const net = require('net');
const { endAside } = require('../../deploy/scripts/isolated_pm2');
const { exists } = require('../../remote/scripts/files');
const { inDeploy, params } = require('../../remote/scripts/params');
const { Filter } = require('./output_filter');

const source = new net.Socket({ fd: 0, readable: true, writable: false });
const ofWork = new Filter(source);
const end = () => endAside().finally(() => process.exit(0));
const leave = () => ofWork.ended().then(end);

// A stop asks all of the job to end, and insists after 3 s: what the work says until then is to be kept too.
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => setTimeout(leave, 2000));
ofWork.over.then(end);
const watch = setInterval(() => {
  if (!exists(inDeploy('jobs', params.job, 'code'))) return;
  clearInterval(watch);
  leave();
}, 100);
