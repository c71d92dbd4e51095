// Runs the hooks of the inventory before and after a version goes live, and after a failure.
'use strict';
const fs = require('fs');
const { asideEnv, endAside } = require('../../deploy/scripts/isolated_pm2');
const { runFiltered } = require('../../redaction/scripts/output_filter');
const { appDir, params, project } = require('../../remote/scripts/params');
const { say } = require('./run_steps');

const HOOK_SECONDS = 1800; // enough for a migration

// Runs a hook: in the stage with a temporary PM2 home, in the project with the account's PM2.
async function hook(name, directory) {
  const isLive = [appDir, project].includes(directory);
  const env = isLive ? process.env : asideEnv(process.env);
  try {
    await runHook(name, directory, env);
  } finally {
    await endAside();
  }
}

async function runHook(name, directory, env) {
  for (const command of (params.hooks || {})[name] || []) {
    say(`$ ${command}`);
    const { code, said } = await runFiltered(
      ['bash', '-c', command],
      { cwd: directory, env: { ...env, OPS_REVISION: params.revision || '' } },
      HOOK_SECONDS,
    );
    if (code !== 0) throw Object.assign(new Error(`hook ${name} failed (exit ${code})`), { said });
  }
}

async function sayFailure() {
  try {
    await hook('on_failure', fs.existsSync(appDir) ? appDir : project);
  } catch (error) {
    say(error.message);
  }
}

module.exports = { hook, sayFailure };
