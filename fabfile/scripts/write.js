// Puts text into a private file, whole or not at all. needs: common
'use strict';
const target = path.resolve(project, params.path);
fs.mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
writeWhole(target, params.text);
reply({ done: true });
