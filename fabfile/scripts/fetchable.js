// Says which backup is meant, and where its archive lies. needs: common manifest
'use strict';
const listed = backups();
const found = params.name ? listed.find((one) => one.name === params.name) : listed.find((one) => !one.damaged);
if (!found) {
  const newest = listed.slice(0, 3).map((one) => one.name).join(', ') || 'none';
  throw refuse(params.name ? `there is no whole backup ${params.name}; the newest are ${newest}` : 'there is no backup yet', params.name ? 'backup.list' : 'backup');
}
reply({ manifest: found, file: archiveOf(found.name) });
