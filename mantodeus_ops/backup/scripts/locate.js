// Says which backup is meant, and where its archive lies.
'use strict';
const { refuse } = require('../../remote/scripts/errors');
const { params } = require('../../remote/scripts/params');
const { reply } = require('../../remote/scripts/reply');
const { archiveOf, backups } = require('./manifest');

const listed = backups();
const found = params.name
  ? listed.find((one) => one.name === params.name)
  : listed.find((one) => !one.damaged);
if (!found) {
  const newest =
    listed
      .slice(0, 3)
      .map((one) => one.name)
      .join(', ') || 'none';
  throw params.name
    ? refuse('backup-not-whole', { name: params.name, newest })
    : refuse('no-backup');
}
reply({ manifest: found, file: archiveOf(found.name) });
