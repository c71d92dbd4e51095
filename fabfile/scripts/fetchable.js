// Says which backup is meant, and where its archive lies. needs: common manifest
'use strict';
const listed = backups();
const found = params.name ? listed.find((one) => one.name === params.name) : listed.find((one) => !one.damaged);
if (!found) {
  const newest = listed.slice(0, 3).map((one) => one.name).join(', ') || 'none';
  throw params.name ? refuse('backup-not-whole', { name: params.name, newest }) : refuse('no-backup');
}
reply({ manifest: found, file: archiveOf(found.name) });
