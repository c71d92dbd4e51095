// Restarts the webhook receiver, under PM2 or a shell that cron starts, and waits until it answers.
'use strict';
const fs = require('fs');
const path = require('path');
const { spawn } = require('child_process');
const { cronLines, cronText, cronWord, keepCronLine } = require('../../app/scripts/crontab');
const { ask } = require('../../health/scripts/http_probe');
const { demand, endApp, saveDump } = require('../../pm2/scripts/lifecycle');
const { pm2 } = require('../../pm2/scripts/pm2');
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
  supervisor,
  listenerOn,
  recorded,
} = require('./receiver_facts');

const START_SECONDS = 30; // Python on a busy host takes its time
const END_SECONDS = 5;

// The error with which the receiver exited, without the hint that follows it.
function lastWords() {
  const lines = textLines(tailOf(hookLog, 4000));
  const message =
    lines.filter((line) => line.startsWith('error: ')).pop() || lines.pop() || 'it said nothing';
  return mask(message.replace(/^error: /, '')).slice(0, 300);
}

// Stops the receiver. A deploy that it started goes on, and the next receiver takes it over.
async function endReceiver() {
  const shell = supervisor();
  if (shell.alive) process.kill(shell.pid, 'SIGTERM'); // first, or it would restart the receiver
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

function underSupervisor() {
  const keep = path.join(hookDir, 'keep.sh');
  const ended = (words) => words.map((word) => `${word}\0`).join('');
  const [entry] = JSON.parse(params.files['pm2.json']).apps;
  writeWhole(
    path.join(hookDir, 'env'),
    ended(Object.entries(cleanEnv(entry.env)).map(([name, value]) => `${name}=${value}`)),
  );
  writeWhole(path.join(hookDir, 'argv'), ended([entry.script, ...entry.args]));
  const outcome = keepCronLine(
    hookMark,
    cronText(`@reboot /bin/bash ${cronWord(keep)} >/dev/null 2>&1`),
  );
  if (outcome !== 'in place' && outcome !== 'installed')
    throw refuse('reboot-not-covered', { why: outcome });
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

// Checked before the running receiver is stopped, as cron must start the new one after a reboot.
function needCron() {
  if (!cronLines().there) throw refuse('crontab-missing');
}

async function main() {
  if (params.config.by === 'cron') needCron();
  await endReceiver();
  writeFiles();
  if (params.config.by === 'pm2') await underPm2();
  else underSupervisor();
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
