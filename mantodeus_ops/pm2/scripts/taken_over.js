// PM2 entries of apps that were started by other means, so that a revert can restore them.
'use strict';
const { envPairs } = require('../../redaction/scripts/app_secrets');
const { foreignWorker, listEntries, summary } = require('./pm2');

// What a person may have set in PM2 beside the script, its arguments and its variables.
const STARTED_WITH = [
  'namespace',
  'autorestart',
  'cron_restart',
  'stop_exit_codes',
  'max_memory_restart',
  'max_restarts',
  'min_uptime',
  'restart_delay',
  'exp_backoff_restart_delay',
  'kill_timeout',
  'listen_timeout',
  'wait_ready',
  'instance_var',
  'log_date_format',
];
const isGiven = (value) =>
  ![undefined, null, ''].includes(value) && !(Array.isArray(value) && value.length === 0);

// The entry of an app, from PM2's records of its processes.
function entryOf(processes) {
  const [{ name, pm2_env: env }] = processes;
  const own = new Set(envPairs().map(([key]) => key)); // left out: they come from .env, and would override it
  const kept = Object.fromEntries(Object.entries(env.env || {}).filter(([key]) => !own.has(key)));
  const entry = {
    name,
    script: env.pm_exec_path,
    cwd: env.pm_cwd,
    exec_mode: env.exec_mode,
    env: kept,
  };
  for (const [from, to] of [
    ['args', 'args'],
    ['node_args', 'node_args'],
    ['exec_interpreter', 'interpreter'],
    ...STARTED_WITH.map((key) => [key, key]),
  ]) {
    if (isGiven(env[from])) entry[to] = env[from];
  }
  if (env.exec_mode === 'cluster_mode') entry.instances = processes.length;
  return entry;
}

// The entries of the apps with these names that run in this project.
async function takenOver(names) {
  const entries = (await listEntries(names)) || [];
  const groups = names.map((name) => entries.filter((entry) => entry.name === name));
  const own = groups.filter(
    (processes) => processes.length > 0 && !foreignWorker(processes.map(summary)),
  );
  return { apps: own.map(entryOf) };
}

module.exports = { takenOver };
