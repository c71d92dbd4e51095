// Frees git of the locks of the dead; says how many there were.
'use strict';
const { sweepGitLocks } = require('./git_locks');

const main = async () => ({ freed: sweepGitLocks() });

module.exports = { main };
