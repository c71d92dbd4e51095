// Stops the app and writes it down.
'use strict';
const { mask, masked } = require('../../redaction/scripts/app_secrets');
const { params } = require('../../remote/scripts/params');
const { fail } = require('../../remote/scripts/reply');
const { appendRecord } = require('../../remote/scripts/record_file');
const { now } = require('../../remote/scripts/time');
const { historyFile } = require('../../transaction/scripts/journal');
const { endApp } = require('./lifecycle');

endApp('stop').then(
  () => {
    appendRecord(
      historyFile,
      masked({
        at: now(),
        run: params.run,
        task: 'stop',
        who: params.who,
        from: params.from,
        status: 'success',
      }),
    );
  },
  (error) => {
    fail(Object.assign(error, { message: mask(error.message) }));
  },
);
