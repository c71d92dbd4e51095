// Makes the directories before the first clone.
'use strict';
const { prepareGround } = require('../../remote/scripts/directories');
const { reply } = require('../../remote/scripts/reply');

prepareGround();
reply({ done: true });
