// What was staged is written down, for a later deploy to use it again; how PM2 is to start it is told. needs: common ecosystem
'use strict';
writeWhole(inDeploy('staged.json'), JSON.stringify(params.staged));
reply({ entry: stagedEntry().entry });
