// The secrets of this host: secret values in the app's .env, and all values in the file of the offsite engine.
'use strict';
const fs = require('fs');
const path = require('path');
const { assignments } = require('../../dotenv/parse');
const { readText } = require('../../remote/scripts/files');
const { causeOf } = require('../../remote/scripts/limits');
const { params, project } = require('../../remote/scripts/params');
const { Redactor, scrubUrls } = require('../redactor');
const { secretValues } = require('../secret_rules');

// The text of a plain file; empty otherwise, as a directory cannot be read and a pipe may never end.
function textOfEnv(file) {
  const place = path.join(project, file);
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  return stat && stat.isFile() ? readText(place) : '';
}

const envPairs = (file = params.env_file || '.env') => assignments(textOfEnv(file));
const offsitePairs = () => (params.offsite_env ? envPairs(params.offsite_env) : []);

// All secrets so far: an activation may replace .env, and the old secrets stay secret until the program ends.
const appSecrets = { values: new Set(), redactor: new Redactor([]), stamp: null };

// A string that changes when the file changes; empty for a missing file.
function stampOf(file) {
  const stat =
    file && fs.statSync(path.join(project, file), { bigint: true, throwIfNoEntry: false });
  return stat ? [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs, stat.mode].join() : '';
}

function hiding() {
  const stamp = [params.env_file || '.env', params.offsite_env].map(stampOf).join(' ');
  if (appSecrets.stamp === stamp) return appSecrets.redactor;
  const offsite = offsitePairs();
  const news = secretValues(
    [...envPairs(), ...offsite],
    offsite.map(([, value]) => value),
  ).filter((value) => !appSecrets.values.has(value));
  for (const value of news) appSecrets.values.add(value);
  if (news.length) appSecrets.redactor = new Redactor([...appSecrets.values]);
  appSecrets.stamp = stamp;
  return appSecrets.redactor;
}

// The pairs of a file; none if it cannot be read, which does not affect other files.
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
    ...appSecrets.values,
    ...secretValues(
      [...own, ...offsite],
      offsite.map(([, value]) => value),
    ),
  ];
}

// All secrets if the text contains one of them; otherwise none.
function secretsIn(text) {
  try {
    return hiding().next(Buffer.from(text), 0) ? [...appSecrets.values] : [];
  } catch (error) {
    if (!causeOf(error)) throw error;
    const readable = readableSecrets();
    return new Redactor(readable).next(Buffer.from(text), 0) ? readable : [];
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

// Masks the fields of a record that foreign text can reach; all others must stay exact.
function masked(record) {
  const copy = { ...record };
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
    if (typeof copy[name] === 'string') copy[name] = mask(copy[name]);
    if (Array.isArray(copy[name])) copy[name] = copy[name].map(mask);
  }
  return copy;
}

module.exports = { envPairs, hiding, mask, masked, secretsIn, withoutSecrets };
