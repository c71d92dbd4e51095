// Frees git of the locks of the dead; says how many there were.
'use strict';
const { reply } = require('../../remote/scripts/reply');
const { sweepGitLocks } = require('./git_locks');

reply({ freed: sweepGitLocks() });
