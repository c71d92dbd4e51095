// Frees git of the locks of the dead; says how many there were. needs: common process gitlocks
'use strict';
reply({ freed: sweepGitLocks() });
