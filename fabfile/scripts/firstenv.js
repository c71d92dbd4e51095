// Makes the first .env from the example, never over one that is there. needs: common
'use strict';
const target = path.join(project, params.env_file);
const example = path.join(project, params.env_example);
const made = !exists(target) && exists(example);
if (made) writeWhole(target, readText(example));
reply({ made, text: made ? readText(target) : '' });
