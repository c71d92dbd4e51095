// The app's own variables: their names, and what must not be shown of their values. What the engine that copies backups
// off the host is told must not be shown at all. needs: common dotenv
'use strict';
const SECRET_NAME = /KEY|SECRET|TOKEN|PASS|PWD|CREDENTIAL|PRIVATE|DSN|DATABASE_URL|_URL$|SALT|AUTH/i;

const envPairs = (file = params.env_file || '.env') => assignments(readText(path.join(project, file)));

const shapes = (value) => [value, encodeURIComponent(value), ...value.split('\n').filter((line) => line.length >= 8)];

function secrets() {
  const found = [];
  for (const [name, value] of envPairs()) {
    if (SECRET_NAME.test(name) && value.length >= 6) found.push(...shapes(value));
    const password = /:\/\/[^:/@\s]*:([^@\s]+)@/.exec(value);
    if (password) found.push(password[1]);
  }
  for (const [, value] of params.offsite_env ? envPairs(params.offsite_env) : []) if (value.length >= 6) found.push(...shapes(value));
  return found.sort((one, other) => other.length - one.length);
}

function mask(text, hidden = secrets()) {
  let masked = text;
  for (const secret of hidden) masked = masked.split(secret).join('[secret]');
  return masked.replace(/\/\/[^/@\s:]*:[^/@\s]*@/g, '//[secret]@');
}
