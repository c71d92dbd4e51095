// Copies a verified backup off the host with restic or rclone. Their secrets go to the environment of that process only.
'use strict';
const fs = require('fs');
const path = require('path');
const { spawn } = require('child_process');
const readline = require('readline');
const { envPairs, mask, withoutSecrets } = require('../../redaction/scripts/app_secrets');
const { cleanEnv } = require('../../remote/scripts/commands');
const { REFUSED, explain, refuse } = require('../../remote/scripts/errors');
const { exists, onPath } = require('../../remote/scripts/files');
const { meter, print } = require('../../remote/scripts/job_log');
const { params, project } = require('../../remote/scripts/params');
const { leaveResult } = require('../../remote/scripts/state_file');
const { trimmed } = require('../../text/whitespace');

const done = meter('offsite');
const found = { snapshot: '' };
const at = { bytes: 0, total: 0 };
let last = '';

// Refuses a file of secrets that other accounts could read or have written.
function refuseOpenFile(name) {
  const file = path.join(project, name);
  if (!exists(file)) throw refuse('offsite-env-missing');
  const stat = fs.lstatSync(file);
  if (!stat.isFile() || stat.uid !== process.getuid()) throw refuse('offsite-env-not-own');
  if (stat.mode & 0o077) throw refuse('offsite-env-open');
}

function engineEnv() {
  if (!params.offsite_env) return cleanEnv();
  refuseOpenFile(params.offsite_env);
  return cleanEnv(Object.fromEntries(envPairs(params.offsite_env)));
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function reached(bytes, total) {
  done.expect(total - at.total);
  done.add(bytes - at.bytes);
  Object.assign(at, { bytes, total });
}

// Handles a line of output: restic reports progress and its result as JSON; other lines are printed.
function hear(line) {
  const event = line.startsWith('{') ? parsed(line) : null;
  const kind = event && event.message_type;
  if (kind === 'status') return reached(event.bytes_done || 0, event.total_bytes || 0);
  if (kind === 'summary') found.snapshot = text(event.snapshot_id);
  if (kind && kind !== 'error' && kind !== 'exit_error') return undefined;
  const said = trimmed(
    mask(kind ? text(event.message || (event.error && event.error.message)) || line : line),
  );
  if (!said) return undefined;
  last = said;
  return print(said);
}

const text = (value) => (typeof value === 'string' ? value : '');

function follow(argv, env) {
  print(`$ ${mask(argv.join(' '))}`);
  const child = spawn(argv[0], argv.slice(1), {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    readline.createInterface({ input: stream, crlfDelay: Infinity }).on('line', hear);
  return new Promise((end) => {
    child.on('error', (error) => end(error.message)).on('close', (code) => end(code));
  });
}

async function copy() {
  const engine = params.commands[0][0];
  if (!onPath(engine)) throw refuse('offsite-engine-missing');
  const env = engineEnv();
  for (const argv of params.commands) {
    const code = await follow(argv, env);
    if (code !== 0)
      throw refuse('offsite-failed', { ended: String(code), why: last || 'it said nothing' });
  }
}

// Any failure is a refusal: the backup itself is complete.
async function main() {
  try {
    await copy();
  } catch (error) {
    const { code, facts } = explain(error);
    leaveResult({ code, facts: withoutSecrets(facts), refused: true });
    return { exit: REFUSED };
  }
  leaveResult(found);
  return undefined;
}

module.exports = { main };
