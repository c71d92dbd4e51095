// Has PM2 bring the app back after a reboot, by the account's own crontab.
'use strict';
const { reply } = require('../../remote/scripts/reply');
const { cronText, cronWord, keepCronLine } = require('./crontab');
const { findPm2 } = require('./pm2');

const home = process.env.PM2_HOME ? `PM2_HOME='${process.env.PM2_HOME}' ` : '';
const command = findPm2().map(cronWord).join(' ');
const line = cronText(
  `@reboot PATH='${process.env.PATH}' ${home}${command} resurrect >/dev/null 2>&1`,
);
const came = keepCronLine('# mantodeus-ops: start PM2 after a reboot', line);
reply({
  reboot:
    came === 'no crontab'
      ? 'no crontab on this host: start PM2 by hand after a reboot (pm2 resurrect)'
      : came,
});
