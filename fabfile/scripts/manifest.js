// The backups that are listed: only those whose manifest was written, which is done last. needs: common
'use strict';
function backups() {
  const directory = path.resolve(project, params.backup_dir);
  let names = [];
  try {
    names = fs.readdirSync(directory).filter((name) => /^backup-.*\.json$/.test(name));
  } catch {
    return [];
  }
  return names.map((name) => readJson(path.join(directory, name))).filter((one) => one && typeof one.name === 'string');
}
