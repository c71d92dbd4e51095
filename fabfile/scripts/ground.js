// Makes the directories before the first clone. needs: common layout
'use strict';
prepareGround();
reply({ done: true });
