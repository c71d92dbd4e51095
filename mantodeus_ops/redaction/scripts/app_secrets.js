// The app's own variables: their names, and what must not be shown of their values. Of the variables of the engine that
// copies backups off the host nothing must be shown at all.
'use strict';
const fs = require('fs');
const path = require('path');
const { assignments } = require('../../dotenv/parse');
const { readText } = require('../../remote/scripts/files');
const { causeOf } = require('../../remote/scripts/limits');
const { params, project } = require('../../remote/scripts/params');
const { Redactor, scrubUrls } = require('../redactor');
const { secretValues } = require('../secret_rules');

// A directory cannot be read, and a pipe would never end.
function textOfEnv(file) {
  const place = path.join(project, file);
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  return stat && stat.isFile() ? readText(place) : '';
}

const envPairs = (file = params.env_file || '.env') => assignments(textOfEnv(file));
const offsitePairs = () => (params.offsite_env ? envPairs(params.offsite_env) : []);

// A commit may bring another .env: what was secret before it stays so to the end of the program.
const veil = { values: new Set(), redactor: new Redactor([]), stamp: null };

// What tells one state of a file from another; a file that is not there has one, too.
function stampOf(file) {
  const stat =
    file && fs.statSync(path.join(project, file), { bigint: true, throwIfNoEntry: false });
  return stat ? [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs, stat.mode].join() : '';
}

function hiding() {
  const stamp = [params.env_file || '.env', params.offsite_env].map(stampOf).join(' ');
  if (veil.stamp === stamp) return veil.redactor;
  const offsite = offsitePairs();
  const news = secretValues(
    [...envPairs(), ...offsite],
    offsite.map(([, value]) => value),
  ).filter((value) => !veil.values.has(value));
  for (const value of news) veil.values.add(value);
  if (news.length) veil.redactor = new Redactor([...veil.values]);
  veil.stamp = stamp;
  return veil.redactor;
}

// None of a file that cannot be read, which takes no other along.
function readablePairs(file) {
  try {
    return file ? envPairs(file) : [];
  } catch (error) {
    if (!causeOf(error)) throw error;
    return [];
  }
}

function readableSecrets() {
  const [own, offsite] = [params.env_file || '.env', params.offsite_env].map(readablePairs);
  return [
    ...veil.values,
    ...secretValues(
      [...own, ...offsite],
      offsite.map(([, value]) => value),
    ),
  ];
}

// The secrets, where a text holds any of them.
function secretsIn(text) {
  try {
    return hiding().next(Buffer.from(text), 0) ? [...veil.values] : [];
  } catch (error) {
    if (!causeOf(error)) throw error;
    const known = readableSecrets();
    return new Redactor(known).next(Buffer.from(text), 0) ? known : [];
  }
}

const mask = (text) => scrubUrls(hiding().text(String(text)));

// Of a failure: where .env cannot be read, the secrets that are known are masked. All other values stay as they are.
function maskKnown(value) {
  if (typeof value !== 'string') return value;
  try {
    return mask(value);
  } catch (error) {
    if (!causeOf(error)) throw error;
    return scrubUrls(new Redactor(readableSecrets()).text(value));
  }
}

// A text, or every text in a record, masked.
const withoutSecrets = (value) =>
  JSON.parse(JSON.stringify(value, (_name, inner) => maskKnown(inner)));

// Fields that a text from elsewhere, or of a person, can reach; all others are ours, and must be read again to the letter.
function masked(record) {
  const told = { ...record };
  for (const name of [
    'error',
    'errors',
    'rollback_error',
    'ref',
    'hint',
    'reason',
    'who',
    'from',
  ]) {
    if (typeof told[name] === 'string') told[name] = mask(told[name]);
    if (Array.isArray(told[name])) told[name] = told[name].map(mask);
  }
  return told;
}

module.exports = { envPairs, hiding, mask, masked, secretsIn, withoutSecrets };
