// Puts text into a private file, whole or not at all.
'use strict';
const fs = require('fs');
const path = require('path');
const { params, project } = require('./params');
const { reply } = require('./reply');
const { writeWhole } = require('./state_file');

const target = path.resolve(project, params.path);
fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
writeWhole(target, params.text);
reply({ done: true });
