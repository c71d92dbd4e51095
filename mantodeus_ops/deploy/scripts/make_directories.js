// Creates the directories before the first clone.
'use strict';
const { prepareGround } = require('../../remote/scripts/directories');

async function main() {
  prepareGround();
  return { done: true };
}

module.exports = { main };
