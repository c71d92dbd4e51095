// What was staged is written down, for a later deploy to use it again; how PM2 is to start it is told. needs: common ecosystem swap written
'use strict';
// Before anything was tried there: what the boot test writes is no part of the version.
if (!exists(stagedFile)) writeWhole(stagedFile, JSON.stringify(listingOf(staging, params.build_outputs)));
writeWhole(inDeploy('staged.json'), JSON.stringify(params.staged));
reply({ entry: stagedEntry().entry });
