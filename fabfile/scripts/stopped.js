// Stops the app and writes it down. needs: common process pm2 journal app
'use strict';
endApp('stop').then(() => {
  appendRecord(historyFile, masked({ at: now(), run: params.run, task: 'stop', who: params.who, from: params.from, status: 'success' }));
}, (error) => {
  fail(Object.assign(error, { message: mask(error.message) }));
});
