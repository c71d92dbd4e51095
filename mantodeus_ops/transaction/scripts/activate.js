// Activates the staged version: the only job that changes the live app. It needs no client.
'use strict';
const path = require('path');
const { removePointers } = require('../../git/scripts/git_lfs');
const { waitHealthy } = require('../../health/scripts/health');
const { ownVersion } = require('../../pm2/scripts/other_apps');
const { listVersion } = require('../../pm2/scripts/pm2');
const { asText } = require('../../backup/scripts/tar_writer');
const {
  foreignIn,
  named,
  outputsOf,
  readListing,
  rescue,
  versionFile,
} = require('../../deploy/scripts/app_files');
const { keepAssets } = require('../../deploy/scripts/keep_assets');
const { digestOfBytes, fileBytes } = require('../../env/scripts/env_file');
const { hiding } = require('../../redaction/scripts/app_secrets');
const { explain } = require('../../remote/scripts/errors');
const { exists } = require('../../remote/scripts/files');
const { appDir, inDeploy, params, project } = require('../../remote/scripts/params');
const { writeWhole } = require('../../remote/scripts/state_file');
const { demandHead, git, tracked } = require('./checkout');
const { changesState, conclude, succeed } = require('./finish_run');
const { arrivals, goingLive, proveArrival } = require('./verify_activation');
const { hook } = require('./hooks');
const { journal, readLive, runParams } = require('./journal');
const { sinceWhen, writeState } = require('./replaced_state');
const { early, keepWritten, lastSaid, revert } = require('./revert');
const { say, step } = require('./run_steps');
const { entryNow, restarted } = require('./start_version');
const { linkData, liveName, putOver, setAside, swapIn, sweep } = require('./swap');

// Everything that a revert needs, gathered before anything is moved.
async function before() {
  const live = readLive();
  const { workers } = ownVersion(await listVersion(params.entry));
  const entry = await entryNow(live);
  return {
    live,
    entry,
    running: workers.length > 0,
    head: params.head,
    branch: params.head_branch,
    had: params.swaps.filter((name) => exists(liveName(name))),
    late: params.checkout ? tracked(params.swaps) : [],
    coming: arrivals(),
    since: sinceWhen(workers),
  };
}

// A page that cannot load an asset of an earlier version is no reason to stop a change.
function keepOldAssets() {
  try {
    keepAssets();
  } catch (error) {
    say(`the assets of earlier versions could not be kept: ${explain(error).error}`);
  }
}

async function goLive(from) {
  if (params.swaps.length)
    await step('swap', async () => {
      linkData(params.run, params.swaps);
      keepOldAssets();
      swapIn(params.run, early(params.swaps, from));
    });
  if (params.checkout) await step('checkout', async () => moveTree(from));
  if (changesState()) proveArrival(from.coming);
  if (params.swaps.length)
    keepWritten(rescue(params.run, params.swaps, params.take_along), params.take_along);
  await step('reload', async () => restarted(params.entry, from.entry));
  if (params.skip_health) return { skipped: true };
  return step('health', async () => {
    const seen = await waitHealthy(() => listVersion(params.entry), params.health);
    if (!seen.healthy) throw Object.assign(new Error(`unhealthy: ${seen.reason}`), { seen });
    return seen;
  });
}

function moveTree({ late, had }) {
  setAside(params.run, late, had);
  removePointers(params.head);
  git(params.checkout);
  demandHead(params.revision);
  putOver(params.run, late);
}

const stagedApp = () => path.join(inDeploy('staging'), params.root || '.');

// Whether .env was edited since the new one was made from it.
const envChanged = () =>
  Boolean(params.was) && digestOfBytes(fileBytes(params.env_place)) !== params.was;

// Ends a run before anything was moved.
const notBegun = (error, errors = []) =>
  conclude({ status: 'failed', exit_code: 1, rolled_back: false, error, errors, dossier: '' });

async function activate() {
  hiding(); // reads the secrets in the old .env, which stay secret after it is replaced
  const from = await before();
  try {
    if (((params.hooks || {}).before_commit || []).length)
      await step('before_commit', async () =>
        hook('before_commit', exists(inDeploy('staging')) ? stagedApp() : appDir),
      );
    if (params.task === 'deploy' && params.checkout)
      demandHead(params.revision, inDeploy('staging')); // a hook may have moved it
  } catch (error) {
    return notBegun(error.message, lastSaid(error));
  }
  if (envChanged()) {
    sweep(inDeploy('env'));
    return notBegun(`${params.env_place} was changed in the meantime`);
  }
  const written =
    params.task === 'deploy' && !params.take_along
      ? outputsOf(params.swaps)
          .flatMap((name) => foreignIn(project, name, readListing(versionFile)))
          .map(asText)
      : [];
  if (written.length)
    return notBegun(`files were written into the live version meanwhile: ${named(written)}`);
  if (changesState()) {
    writeState(from);
    params.live = goingLive(from.live || {});
  }
  if (params.task === 'deploy' && exists(inDeploy('staged.json')))
    writeWhole(inDeploy('staged.json'), 'null');
  journal({
    step: 'begin',
    ...runParams(params),
    who: params.who,
    from_state: from,
    digest: params.entry.digest,
  });
  let seen;
  try {
    seen = await goLive(from);
  } catch (error) {
    return revert(from, error);
  }
  return succeed(seen.workers);
}

const main = async () => ({ exit: await activate() });

module.exports = { main };
