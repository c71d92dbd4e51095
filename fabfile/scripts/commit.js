// The one step that touches the live app; it needs no client. needs: common git process pm2 health journal swap app dossier manifest piped started envfile gitlocks aside written arrival
'use strict';
const HOOK_SECONDS = 1800; // a migration may take its time, but not for ever
const steps = [...(params.steps || [])];
const began = monotonic() - (params.spent || 0);

let writtenKept = null; // where files are that were written into an output which is left
let read = null; // what .env said when the app was started
let started = false; // whether this run came to start the app

const say = (text) => print(mask(text));
const failMasked = (error) => fail(Object.assign(error, { message: mask(error.message), stack: mask(error.stack) }));

async function step(name, work) {
  const start = monotonic();
  announce({ step: name, status: 'started' });
  journal({ step: name });
  let status = 'ok';
  try {
    return await work();
  } catch (error) {
    status = 'failed';
    throw Object.assign(error, { step: name });
  } finally {
    const seconds = monotonic() - start;
    steps.push({ name, status, seconds: Math.round(seconds * 1000) / 1000 });
    announce({ step: name, status, seconds });
  }
}

const gitOnce = (argv) => ourGit(argv, { timeout: 300000 });

function git(argv) {
  let done = gitOnce(argv);
  if (done.code !== 0 && sweepGitLocks()) done = gitOnce(argv);
  if (done.code !== 0) throw commandFailed(`git ${argv[0]}`, done.code, mask(done.stderr));
  return trimmed(done.stdout);
}

// A branch may be named like the revision, and would win over it.
const goBack = ({ head, branch }) => ['checkout', '--quiet', '--force', ...(branch ? ['--no-track', '-B', branch] : ['--detach']), `${head}^0`];

function demandHead(revision, cwd = project) {
  const done = ourGit(['rev-parse', '--verify', 'HEAD'], { cwd });
  const found = trimmed(done.stdout);
  if (found === revision) return;
  const place = cwd === project ? 'the work tree' : 'the stage';
  throw new Error(`${place} is at ${found || 'no revision'} and not at ${revision}`);
}

// A hook that runs in the stage is tried aside; one that runs in the project works with the account's PM2.
async function hook(name, directory) {
  const env = directory === project ? process.env : asideEnv(process.env);
  try {
    await runHook(name, directory, env);
  } finally {
    await endAside();
  }
}

async function runHook(name, directory, env) {
  for (const command of (params.hooks || {})[name] || []) {
    say(`$ ${command}`);
    const { code, said } = await runFiltered(['bash', '-c', command], { cwd: directory, env: { ...env, OPS_REVISION: params.revision || '' } }, HOOK_SECONDS);
    if (code !== 0) throw Object.assign(new Error(`hook ${name} failed (exit ${code})`), { said });
  }
}

async function sayFailure() {
  try {
    await hook('on_failure', project);
  } catch (error) {
    say(error.message);
  }
}

function writeEntry(entry) {
  if (entry.generated) writeWhole(entry.file, JSON.stringify(entry.generated, null, 1));
  return entry;
}

// An entry that is not ours may hold secrets: it stays in a private file, out of the journal.
async function keepTaken() {
  const file = savedName(params.run, 'app.json');
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeWhole(file, JSON.stringify(await takenOver()));
  return { file, digest: 'taken over' };
}

// What git would write into when it moves the work tree.
const tracked = (names) => names.filter((name) => git(['ls-files', '--', `:(literal)${name}`]) !== '');

// Everything that is needed to go back, before anything is moved.
async function before() {
  const live = readLive();
  const { workers } = await listApp();
  ownWorkers(workers);
  const entry = live ? live.entry : workers.length > 0 ? await keepTaken() : null;
  return { live, entry, running: workers.length > 0, head: params.head, branch: params.head_branch, had: params.swaps.filter((name) => exists(liveName(name))), late: params.checkout ? tracked(params.swaps) : [], coming: arrivals(), since: sinceWhen(workers) };
}

function restarted(entry, runningDigest) {
  read = envDigests();
  started = true;
  return restartApp(writeEntry(entry), runningDigest, say);
}

async function goLive(from) {
  if (params.swaps.length) await step('swap', async () => swapIn(params.run, early(params.swaps, from)));
  if (params.checkout) await step('checkout', async () => moveTree(from));
  if (changesState()) proveArrival(from.coming);
  if (params.swaps.length) keepWritten(rescue(params.run, params.swaps, params.take_along), params.take_along);
  await step('reload', async () => restarted(params.entry, from.entry && from.entry.digest));
  if (params.skip_health) return { skipped: true };
  return step('health', async () => {
    const seen = await waitHealthy(listApp, params.health);
    if (!seen.healthy) throw Object.assign(new Error(`unhealthy: ${seen.reason}`), { seen });
    return seen;
  });
}

function keepWritten(found, along) {
  if (!found.length) return;
  const kept = exists(keptPlace(params.run)) ? path.relative(project, keptPlace(params.run)) : '';
  if (kept) writtenKept = { count: found.length, files: found.slice(0, NAMED), place: kept };
  say(`files that are no part of the version ${along ? 'went along' : 'are kept'}: ${named(found)}${kept ? ` (in ${kept})` : ''}`);
}

// Nothing of this may stop the way back.
function keepRejected() {
  try {
    keepWritten(rescueRejected(params.run, params.swaps), false);
  } catch (error) {
    say(`what was written into the version that is left could not be kept: ${explain(error).error}`);
  }
}

const early = (names, { late = [] }) => names.filter((name) => !late.includes(name));

function moveTree({ late, had }) {
  setAside(params.run, late, had);
  git(params.checkout);
  demandHead(params.revision);
  putOver(params.run, late);
}

// Of a deploy that had ended already, it names what is given up.
function keepLive(live, names) {
  if (JSON.stringify(readLive()) === JSON.stringify(live)) return;
  settleListings(params.run, names, 'version');
  if (live) writeWhole(liveFile, JSON.stringify(live));
  else fs.rmSync(liveFile, { force: true });
}

// The second time, after a crash in it, git is not asked again: it would write over what is back already.
async function putBack(from, runningDigest) {
  const [names, late] = [from.swaps || params.swaps, from.late || []];
  keepRejected();
  swapBack(params.run, early(names, from), from.had);
  if (!from.treeBack) {
    for (const name of late) if (exists(savedName(params.run, name)) || !from.had.includes(name)) setRejected(name);
    setAside(params.run, late, from.had); // git would write over one that was not moved yet, and over what is edited in it
    if (from.head) git(goBack(from));
    journal({ step: 'tree back' });
  }
  swapBack(params.run, late, from.had);
  keepLive(from.live, names);
  if (!from.entry) {
    await endApp('delete');
    return { healthy: false, none: true, reason: 'there is no earlier version to go back to' };
  }
  await restarted(from.entry, runningDigest);
  const seen = await waitHealthy(listApp, params.health);
  noteStarted(read, seen.workers);
  return seen;
}

function setRejected(name) {
  if (exists(liveName(name))) moveAside(liveName(name), rejectedName(params.run, name));
}

// Revisions that were live and were left again: only a person deploys them a second time.
function remember(result) {
  const file = inDeploy('rejected.json');
  const known = readState(file, { otherwise: {} });
  const left = result.status === 'rolled_back' ? params.revision : params.task === 'rollback' && result.status === 'success' ? params.previous_revision : '';
  const next = { ...known };
  if (result.status === 'success') delete next[params.revision];
  if (left && left !== (result.status === 'success' ? params.revision : params.previous_revision)) next[left] = { at: now(), run: params.run };
  if (JSON.stringify(next) !== JSON.stringify(known)) writeWhole(file, JSON.stringify(next));
}

// What became of it says whether the backup of this state is a good one, and of the one that was left, that it was.
// Where that cannot be written, the app matters more.
function markStates(healthy) {
  try {
    writeVerdicts(healthy);
  } catch (error) {
    say(`the verdict of the backups could not be written: ${explain(error).error}`);
  }
}

function writeVerdicts(healthy) {
  if (params.target) markState(params.target, healthy ? { verdict: params.skip_health ? 'unknown' : 'good', left: false } : { verdict: 'bad' });
  if (healthy && params.left && params.task === 'rollback' && !params.undo) markState(params.left, { left: true });
  if (healthy) adoptTarget();
  if (params.saving && !params.skip_health) settle(params.saving, healthy ? 'good' : 'bad');
}

// The backup that a restart makes of the same files meanwhile: whichever of the two ends last says it.
function settle(job, verdict) {
  if (!exists(inDeploy('jobs', job))) return;
  writeWhole(inDeploy('jobs', job, 'verdict'), verdict);
  const made = readState(inDeploy('jobs', job, 'result.json'));
  if (made && (made.sound || made.consistent)) markState(made.state || made.content, { verdict });
}

async function conclude(result) {
  const record = masked({ at: now(), run: params.run, task: params.task, who: params.who, from: params.from, ref: params.ref, revision: params.revision, previous_revision: params.previous_revision, backup: params.backup || '', seconds: Math.round((monotonic() - began) * 1000) / 1000, steps, ...(writtenKept && { written: writtenKept }), ...result });
  appendRecord(historyFile, record);
  remember(result);
  journal({ step: 'end', status: result.status });
  writeWhole(inDeploy('jobs', params.job, 'result.json'), JSON.stringify(record));
  trimJournal();
  if (result.exit_code !== 0) await sayFailure();
  return result.exit_code;
}

// Of what was moved aside before, a change of .env outlives only other such changes: a rollback may need the rest.
function outlived() {
  const older = exists(inDeploy('previous')) ? fs.readdirSync(inDeploy('previous')).filter((name) => name !== params.run) : [];
  const swapsOf = (run_) => (readState(savedName(run_, 'state.json'), { is: isKept }) || { swaps: [] }).swaps;
  const small = (names) => names.length === 1 && names[0] === (params.env_place || params.env_file);
  if (small(params.swaps)) return older.filter((run_) => small(swapsOf(run_))).map((run_) => inDeploy('previous', run_));
  return [...older.map((run_) => inDeploy('previous', run_)), inDeploy('staging')];
}

async function succeed(workers) {
  noteStarted(read, workers);
  journal({ step: 'healthy', live: params.live });
  markStates(true);
  writeWhole(liveFile, JSON.stringify(params.live));
  settleListings(params.run, params.swaps);
  tidyOwn(params.live);
  try {
    await hook('after_commit', project);
  } catch (error) {
    say(error.message);
  }
  const unsaved = await saveDump();
  if (unsaved) say(unsaved);
  if (changesState()) sweep(...outlived(), inDeploy('restore'), inDeploy('env'), inDeploy('trash', params.run));
  return conclude({ status: 'success', exit_code: 0, rolled_back: false });
}

// Where nothing was moved there is nothing to move back.
const changesState = () => params.swaps.length > 0 || Boolean(params.checkout);

const tornBy = (error) => ({ healthy: false, torn: true, reason: error.message, said: lastSaid(error) });

// Of another program that failed: its last lines, in which the reason is found at the other end.
const lastSaid = ({ said }) => textLines(said || '').slice(-20);

// What could not be moved back is the only copy there is: a later rollback may need it.
function sweepGivenUp({ torn }) {
  sweep(inDeploy('staging'), inDeploy('restore'), inDeploy('env'), inDeploy('trash', params.run), ...(torn ? [] : [inDeploy('previous', params.run)]));
}

function dossierOf(error, seen, begun) {
  try {
    const title = `${params.task} of ${params.revision} failed: ${error.message}`;
    return path.relative(project, withReserve(() => writeDossier(title, seen, begun)));
  } catch (second) {
    say(`no dossier could be written: ${explain(second).error}`);
    return '';
  }
}

// A person is called only when what is back had its time twice: what is torn is put back again, what is ill is looked
// at again.
async function wentBack(from) {
  const back = await putBack(from, params.entry.digest).catch(tornBy);
  if (back.healthy || back.none) return back;
  say(`${back.reason}\nlooking once more`);
  if (back.torn) return putBack(from, params.entry.digest);
  return lookedAgain();
}

async function lookedAgain() {
  const seen = await waitHealthy(listApp, params.health, { patient: true });
  noteStarted(read, seen.workers);
  return seen;
}

async function retreat(from, error) {
  const seen = error.seen || { reason: [error.message, ...lastSaid(error)].join('\n'), workers: (await listApp()).workers };
  const begun = started ? readBegan() : null;
  const errors = error.said ? lastSaid(error) : started ? lastErrors(seen, begun) : [];
  const told = { error: error.message, errors, dossier: dossierOf(error, seen, begun) };
  if (['reload', 'health'].includes(error.step)) markStates(false);
  if (!changesState()) return conclude({ status: 'failed', exit_code: 1, rolled_back: false, ...told });
  say(`${[told.error, ...lastSaid(error)].join('\n')}\ngoing back to ${params.previous_revision || 'what was there'}`);
  const back = await step('rollback', () => wentBack(from)).catch(tornBy);
  sweepGivenUp(back);
  if (back.healthy) return conclude({ status: 'rolled_back', exit_code: 5, rolled_back: true, ...told });
  if (back.none) return conclude({ status: 'failed', exit_code: 1, rolled_back: false, first: true, ...told });
  return conclude({ status: 'failed', exit_code: 6, rolled_back: false, rollback_error: back.reason, rollback_errors: back.said || [], ...told });
}

// What is to come was made of an .env that may have been edited since.
const envMoved = () => Boolean(params.was) && digestOfBytes(fileBytes(params.env_place)) !== params.was;

async function main() {
  hiding(); // what the .env of before the commit holds stays secret after it
  const from = await before();
  try {
    if (((params.hooks || {}).before_commit || []).length) await step('before_commit', async () => hook('before_commit', exists(inDeploy('staging')) ? inDeploy('staging') : project));
    if (params.task === 'deploy' && params.checkout) demandHead(params.revision, inDeploy('staging')); // a hook, too, may move it
  } catch (error) {
    return conclude({ status: 'failed', exit_code: 1, rolled_back: false, error: error.message, errors: lastSaid(error), dossier: '' });
  }
  if (envMoved()) {
    sweep(inDeploy('env'));
    return conclude({ status: 'failed', exit_code: 1, rolled_back: false, error: `${params.env_place} was changed in the meantime`, errors: [], dossier: '' });
  }
  const written = params.task === 'deploy' && !params.take_along ? outputsOf(params.swaps).flatMap((name) => foreignIn(project, name, readListing(versionFile))).map(asText) : [];
  if (written.length) return conclude({ status: 'failed', exit_code: 1, rolled_back: false, error: `files were written into the live version meanwhile: ${named(written)}`, errors: [], dossier: '' });
  if (changesState()) {
    writeState(from);
    params.live = goingLive(from.live || {});
  }
  if (params.task === 'deploy' && exists(inDeploy('staged.json'))) writeWhole(inDeploy('staged.json'), 'null');
  journal({ step: 'begin', task: params.task, source: params.source, sources: params.sources, target: params.target, left: params.left, undo: params.undo, saving: params.saving, skip_health: params.skip_health, who: params.who, from_state: from, swaps: params.swaps, checkout: params.checkout, revision: params.revision, previous_revision: params.previous_revision, digest: params.entry.digest, live: params.live });
  let seen;
  try {
    seen = await goLive(from);
  } catch (error) {
    return retreat(from, error);
  }
  return succeed(seen.workers);
}

if (!['recover', 'takeback'].includes(params.task)) main().then((code) => process.exit(code), failMasked);
