// Answers the manifest of the named or newest backup, and the path of its archive.
'use strict';
const { refuse } = require('../../remote/scripts/errors');
const { archiveOf, backups } = require('./manifest');

function notFound(name, listed) {
  if (!name) return refuse('no-backup');
  const names = listed.slice(0, 3).map((one) => one.name);
  return refuse('backup-not-whole', { name, newest: names.join(', ') || 'none' });
}

async function main({ name }) {
  const listed = backups();
  const found = listed.find((one) => (name ? one.name === name : !one.damaged));
  if (!found) throw notFound(name, listed);
  return { manifest: found, file: archiveOf(found.name) };
}

module.exports = { main };
