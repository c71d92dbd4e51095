// Stops the app and writes it down. needs: common process pm2 journal app
'use strict';
endApp('stop').then(() => {
  appendRecord(historyFile, { at: now(), run: params.run, task: 'stop', who: params.who, from: params.from, status: 'success' });
}, (error) => {
  fs.writeSync(1, `${mask(error.message)}\n`);
  process.exit(1);
});
