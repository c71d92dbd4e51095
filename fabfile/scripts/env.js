// The app's own variables: their names, and what must not be shown of their values. What the engine that copies backups
// off the host is told must not be shown at all. needs: common dotenv secret redact
'use strict';
const envPairs = (file = params.env_file || '.env') => assignments(readText(path.join(project, file)));
const offsitePairs = () => (params.offsite_env ? envPairs(params.offsite_env) : []);

// A commit may bring another .env: what was secret before it stays so to the end of the program.
const veil = { values: new Set(), redactor: new Redactor([]) };

function hiding() {
  const offsite = offsitePairs();
  const news = secretValues([...envPairs(), ...offsite], offsite.map(([, value]) => value)).filter((value) => !veil.values.has(value));
  for (const value of news) veil.values.add(value);
  if (news.length) veil.redactor = new Redactor([...veil.values]);
  return veil.redactor;
}

const mask = (text) => scrubUrls(hiding().text(String(text)));

// Fields that a text from elsewhere can reach; all others are ours, and must be read again to the letter.
function masked(record) {
  const told = { ...record };
  for (const name of ['error', 'errors', 'rollback_error', 'ref', 'hint']) {
    if (typeof told[name] === 'string') told[name] = mask(told[name]);
    if (Array.isArray(told[name])) told[name] = told[name].map(mask);
  }
  return told;
}
