// The files of a revision, read from git without touching the work tree.
'use strict';
const { git } = require('./refs');

// Every file of the revision, by its path.
function treeOf(revision) {
  const found = new Map();
  for (const line of git('ls-tree', '-r', '-l', '-z', '--full-tree', revision)
    .stdout.split('\0')
    .filter(Boolean)) {
    const [about, name] = line.split(/\t(.*)/s);
    const [mode, , id, size] = about.split(/ +/);
    found.set(name, { mode, id, size: Number(size) || 0 });
  }
  return found;
}

// Empty where the revision has no such file.
const textOf = (tree, name) =>
  tree.has(name) ? git('cat-file', 'blob', tree.get(name).id).stdout : '';

function parseObject(text) {
  try {
    const found = JSON.parse(text.replace(/^\ufeff/, ''));
    return found && typeof found === 'object' ? found : {};
  } catch {
    return {};
  }
}

const jsonOf = (tree, name) => parseObject(textOf(tree, name));

module.exports = { jsonOf, parseObject, textOf, treeOf };
