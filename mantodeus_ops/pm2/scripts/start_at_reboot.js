// Installs a line in the account's crontab with which PM2 starts the app after a reboot.
'use strict';
const { cronText, cronWord, keepCronLine } = require('../../app/scripts/crontab');
const { findPm2 } = require('./pm2');

function startAtReboot() {
  const home = process.env.PM2_HOME ? `PM2_HOME='${process.env.PM2_HOME}' ` : '';
  const command = findPm2().map(cronWord).join(' ');
  const line = cronText(
    `@reboot PATH='${process.env.PATH}' ${home}${command} resurrect >/dev/null 2>&1`,
  );
  return keepCronLine('# mantodeus-ops: start PM2 after a reboot', line);
}

async function main() {
  const outcome = startAtReboot();
  return {
    reboot:
      outcome === 'no crontab'
        ? 'no crontab on this host: start PM2 by hand after a reboot (pm2 resurrect)'
        : outcome,
  };
}

module.exports = { main };
