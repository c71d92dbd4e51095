// Removes the lock files of killed git processes; answers how many.
'use strict';
const { sweepGitLocks } = require('./git_locks');

const main = async () => ({ freed: sweepGitLocks() });

module.exports = { main };
