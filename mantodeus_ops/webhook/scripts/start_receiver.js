// Starts the webhook's receiver anew, under PM2 or in the care of a shell that cron starts, and waits until it answers.
'use strict';
const fs = require('fs');
const path = require('path');
const { spawn } = require('child_process');
const { cronLines, cronText, cronWord, keepCronLine } = require('../../app/scripts/crontab');
const { ask } = require('../../app/scripts/http_probe');
const { demand, endApp, saveDump } = require('../../app/scripts/lifecycle');
const { pm2 } = require('../../app/scripts/pm2');
const { mask } = require('../../redaction/scripts/app_secrets');
const { cleanEnv } = require('../../remote/scripts/commands');
const { refuse } = require('../../remote/scripts/errors');
const { removeTree, tailOf } = require('../../remote/scripts/files');
const { params } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { monotonic, now, sleep } = require('../../remote/scripts/time');
const { textLines } = require('../../text/whitespace');
const {
  hookDir,
  hookFile,
  hookLog,
  hookMark,
  hookUrl,
  keeperOf,
  listenerOn,
  recorded,
} = require('./receiver_facts');

const START_SECONDS = 30; // Python on a busy host takes its time
const END_SECONDS = 5;

// Why it ended, in its own words; what follows them says only what to type.
function lastWords() {
  const lines = textLines(tailOf(hookLog, 4000));
  const told =
    lines.filter((line) => line.startsWith('error: ')).pop() || lines.pop() || 'it said nothing';
  return mask(told.replace(/^error: /, '')).slice(0, 300);
}

// A deploy that it had begun goes on by itself, and the next receiver takes it over.
async function endReceiver() {
  const keeper = keeperOf();
  if (keeper.alive) process.kill(keeper.pid, 'SIGTERM'); // first, or it would start the next one
  await endApp('delete');
  const known = recorded();
  if (!known.alive) return;
  process.kill(known.pid, 'SIGTERM');
  const late = monotonic() + END_SECONDS;
  while (recorded().alive && monotonic() < late) await sleep(0.05);
  if (recorded().alive) process.kill(known.pid, 'SIGKILL');
}

function writeFiles() {
  fs.mkdirSync(hookDir, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(params.files))
    writeWhole(path.join(hookDir, name), text);
  writeWhole(hookFile, JSON.stringify(params.config));
  fs.writeFileSync(hookLog, '', { mode: 0o600 });
}

async function underPm2() {
  keepCronLine(hookMark, '');
  await demand(pm2('start', path.join(hookDir, 'pm2.json'), '--only', params.app), 'pm2 start');
}

function inCare() {
  const keep = path.join(hookDir, 'keep.sh');
  const ended = (words) => words.map((word) => `${word}\0`).join('');
  const [entry] = JSON.parse(params.files['pm2.json']).apps;
  writeWhole(
    path.join(hookDir, 'env'),
    ended(Object.entries(cleanEnv(entry.env)).map(([name, value]) => `${name}=${value}`)),
  );
  writeWhole(path.join(hookDir, 'argv'), ended([entry.script, ...entry.args]));
  const came = keepCronLine(
    hookMark,
    cronText(`@reboot /bin/bash ${cronWord(keep)} >/dev/null 2>&1`),
  );
  if (came !== 'in place' && came !== 'installed')
    throw refuse('reboot-not-covered', { why: came });
  spawn('bash', [keep], { cwd: hookDir, detached: true, stdio: 'ignore', env: cleanEnv() }).unref();
}

async function answers() {
  const late = monotonic() + (params.start_seconds || START_SECONDS);
  for (;;) {
    const known = recorded();
    const listener = listenerOn(params.webhook.port, known);
    const health = listener.ours ? await ask(hookUrl('/health'), null, 3) : {};
    if (health.status === 200) return known;
    if (listener.stranger && !known.alive)
      throw refuse('port-taken', { port: params.webhook.port, process: listener.stranger });
    if (monotonic() > late)
      throw refuse('receiver-silent', {
        why: (listener.ours ? health.error : lastWords()) || 'it said nothing',
      });
    await sleep(0.1);
  }
}

function removeOldTools() {
  for (const name of fs.readdirSync(hookDir)) {
    if (/^(tool|venv)-/.test(name) && !params.keep.includes(name))
      removeTree(path.join(hookDir, name));
  }
}

// Before the one that runs is ended: a receiver that no reboot brings back is not put in its place.
function needCron() {
  if (!cronLines().there) throw refuse('crontab-missing');
}

async function main() {
  if (params.config.by === 'cron') needCron();
  await endReceiver();
  writeFiles();
  if (params.config.by === 'pm2') await underPm2();
  else inCare();
  const known = await answers();
  if (params.config.by === 'pm2') await saveDump();
  writeWhole(
    path.join(hookDir, 'installed.json'),
    JSON.stringify({ digest: params.digest, by: params.config.by, at: now() }),
  );
  removeOldTools();
  return { pid: known.pid };
}

module.exports = { main };
