// How PM2 is to start the staged build. needs: common ecosystem
'use strict';
reply({ entry: stagedEntry().entry });
