// Makes one archive that is proven before it is listed.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { holdRevisions } = require('../../app/scripts/revisions');
const { ownerOf, readOwn } = require('../../deploy/scripts/version_files');
const { mask } = require('../../redaction/scripts/app_secrets');
const { prepareGround } = require('../../remote/scripts/directories');
const { explain, refuse } = require('../../remote/scripts/errors');
const { LOCKFILES, digestOf, exists } = require('../../remote/scripts/files');
const { print } = require('../../remote/scripts/job_log');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { canRead } = require('../../remote/scripts/permissions');
const { sweepTemporary } = require('../../remote/scripts/process');
const { meter } = require('../../remote/scripts/progress');
const {
  noted,
  readState,
  removeTree,
  stateText,
  writeWhole,
} = require('../../remote/scripts/state_file');
const { monotonic, now } = require('../../remote/scripts/time');
const { trimmed } = require('../../text/whitespace');
const { Archive } = require('./archive_writer');
const {
  FORMAT,
  archiveOf,
  backupDir,
  backups,
  contentOfState,
  isUsable,
  manifestOf,
  markState,
  publish,
  seal,
  sizeOf,
  stateOf,
  summaryOf,
  versionOfState,
} = require('./manifest');
const { contentOf } = require('./tar_stream');
const { SMALL_BYTES, printOf } = require('./tar_writer');

os.setPriority(19); // the live app goes first
const done = meter('backup');
let listed = []; // the backups before this one, read once: we hold the lock
const own = readOwn((params.about.live || {}).own);

// Where a part lies: a rollback has moved what it replaced out of the way.
const rootOf = (name) => path.resolve(project, (params.roots || {})[name] || '.');

// The part as an earlier archive holds it: these very files, or files that read the same.
function known(name, fingerprint) {
  const all = listed.flatMap((manifest) => manifest.parts.map((part) => ({ part, manifest })));
  const same = all.filter(
    ({ part, manifest }) =>
      part.path === name && part.consistent && !manifest.damaged && isUsable(manifest.name),
  );
  const sure = same.find(({ part }) => part.strong === fingerprint.strong);
  // A rebuild leaves the same content with new times; what is large is only read where its times say that it is the same.
  if (
    sure ||
    !same.some(({ part }) => part.weak === fingerprint.weak || fingerprint.bytes <= SMALL_BYTES)
  )
    return sure;
  const content = contentOf(rootOf(name), name);
  return same.find(({ part }) => part.content === content);
}

function planned(name) {
  if (fs.lstatSync(path.join(rootOf(name), name)).isSymbolicLink())
    throw refuse('backup-of-link', { name }, `${name} is a link`);
  if (!listed.some((one) => one.paths.includes(name))) return { name }; // nothing to find: it is looked at as it is packed
  const fingerprint = printOf(rootOf(name), name);
  done.expect(fingerprint.bytes + 768 * fingerprint.entries);
  const found = known(name, fingerprint);
  return {
    name,
    fingerprint,
    found: found && {
      ...found,
      part: {
        ...found.part,
        weak: fingerprint.weak,
        strong: fingerprint.strong,
        changed: fingerprint.changed,
      },
    },
  };
}

async function packPart(archive, { name, found }) {
  return (
    (found && archive.copy(found.part, archiveOf(found.manifest.name))) ||
    archive.pack(rootOf(name), name)
  );
}

// We hold the lock, so no other run owns what is half made; what is whole and only not yet named gets its name.
function sweepPartial() {
  for (const name of fs
    .readdirSync(backupDir)
    .filter((one) => /^\.backup-.*\.(partial|gone)$/s.test(one))) {
    const whole = readState(path.join(backupDir, name, 'manifest'), { aside: false });
    if (whole && sizeOf(archiveOf(whole.name)) === whole.bytes && !exists(manifestOf(whole.name)))
      fs.renameSync(path.join(backupDir, name, 'manifest'), manifestOf(whole.name));
    if (name.endsWith('.gone')) fs.rmSync(manifestOf(name.slice(1, -5)), { force: true }); // a prune that was cut off
    removeTree(path.join(backupDir, name));
  }
  sweepTemporary(backupDir); // verify holds no lock, and may be writing
}

function freeName() {
  for (let stamp = new Date(); ; stamp = new Date(stamp.getTime() + 1000)) {
    const digits = stamp.toISOString().replace(/\D/g, '').slice(0, 14);
    const name = `backup-${digits.slice(0, 8)}-${digits.slice(8)}`;
    if (!exists(archiveOf(name)) && !exists(manifestOf(name))) return name;
  }
}

// The same bytes under one more name; where a filesystem cannot do that, they are copied member by member.
function sameBytes(plans, absent, file) {
  const content = contentOfState(
    plans.map(({ name, found }) => ({ path: name, content: found ? found.part.content : '' })),
    absent,
  );
  const before =
    plans.every((one) => one.found) &&
    listed.find(
      (one) =>
        one.content === content &&
        one.consistent &&
        !one.damaged &&
        one.format === FORMAT &&
        isUsable(one.name),
    );
  if (!before) return null;
  try {
    fs.linkSync(archiveOf(before.name), file);
  } catch {
    return null;
  }
  const fingerprints = new Map(plans.map(({ name, fingerprint }) => [name, fingerprint]));
  const parts = before.parts.map((one) => ({
    ...one,
    weak: fingerprints.get(one.path).weak,
    strong: fingerprints.get(one.path).strong,
    changed: fingerprints.get(one.path).changed,
    reused: true,
  }));
  return { parts, bytes: before.bytes, sha256: before.sha256, same_as: before.name };
}

async function assembled(plans, file) {
  const archive = new Archive(file, done.add);
  const parts = [];
  for (const plan of plans) parts.push(await packPart(archive, plan));
  return { parts, sha256: await archive.finish(), bytes: archive.bytes };
}

function lockfile() {
  const name = LOCKFILES.find((one) => sizeOf(path.join(project, one)) >= 0);
  return name ? digestOf(path.join(project, name)) : '';
}

// What the health check of a restart that runs meanwhile has found out of this state.
const verdictBeside = () => trimmed(stateText(inDeploy('jobs', params.job, 'verdict')));

// A healthy process proves what it was started from; what changed since, or went away, it does not run.
const vanished = (absent) =>
  listed.slice(0, 1).some((before) => absent.some((name) => before.paths.includes(name)));
const began = (one) => (one.own ? own.at : one.changed / 1000);
const proven = (parts, absent) =>
  params.about.verdict !== 'good' ||
  !params.running_since ||
  (!vanished(absent) &&
    (params.head_moved || 0) <= params.running_since &&
    parts.every((one) => began(one) <= params.running_since));

// What was found out of a state stays true of it, until something else is found out.
function verdictOf(state, parts, absent) {
  if (proven(parts, absent)) return params.about.verdict;
  const same = listed.find((one) => one.state === state && one.verdict !== 'unknown');
  return same ? same.verdict : 'unknown';
}

// A branch is named again in a rollback: one that holds a secret is not kept.
function plainAbout() {
  const { branch = '', reason = '' } = params.about;
  if (!canRead(path.join(project, params.env_file || '.env'))) return {}; // its secrets cannot be told here
  return { branch: mask(branch) === branch ? branch : '', reason: mask(reason) };
}

// Looked at when they are packed: a version's own files that are still as they came were so all the time.
const owned = (parts) =>
  parts.map((one) => ({ ...one, own: ownerOf(own, rootOf(one.path), one.path) || undefined }));

function manifestOfPlans(name, made, absent, start) {
  const parts = owned(made.parts);
  const sum = (key) => parts.reduce((all, one) => all + one[key], 0);
  const content = contentOfState(parts, absent);
  const state = stateOf(params.about.revision, versionOfState(parts, absent));
  const shut = parts.flatMap((one) => one.shut || []);
  const skipped = [...parts.flatMap((one) => one.skipped || []), ...shut];
  const sound = parts.every((one) => one.consistent || one.own);
  const sequence = 1 + Math.max(0, ...listed.map((one) => one.sequence));
  return {
    format: FORMAT,
    name,
    at: now(),
    sequence,
    since: Math.min(
      sequence,
      ...listed.filter((one) => one.state === state).map((one) => one.since),
    ),
    ...params.about,
    ...plainAbout(),
    verdict: sound ? verdictOf(state, parts, absent) : 'unknown',
    consistent: parts.every((one) => one.consistent),
    sound,
    skipped,
    shut,
    content,
    state,
    paths: parts.map((one) => one.path),
    absent,
    ...made,
    parts,
    plain_bytes: sum('plain'),
    entries: sum('entries'),
    reused: parts.filter((one) => one.reused).map((one) => one.path),
    seal: seal(made.sha256),
    lockfile: lockfile(),
    node: process.version,
    abi: `${process.versions.modules}-${process.platform}-${process.arch}`,
    seconds: Math.round((monotonic() - start) * 1000) / 1000,
  };
}

// A revision that runs is a state, whether or not it has parts beside it.
const isState = (present) =>
  present.length > 0 ||
  Boolean(params.about.revision && (params.about.live || params.running_since));

// What cannot be read is neither there nor absent: a rollback leaves it alone.
function partsThere() {
  const there = params.paths.filter((name) => exists(path.join(rootOf(name), name)));
  const shut = there.filter(
    (name) =>
      !fs.lstatSync(path.join(rootOf(name), name)).isSymbolicLink() &&
      !canRead(path.join(rootOf(name), name)),
  );
  for (const name of shut)
    noted(path.join(rootOf(name), name), 'cannot be read by this account and is not backed up');
  return {
    present: there.filter((name) => !shut.includes(name)),
    absent: params.paths.filter((name) => !there.includes(name)),
  };
}

function hold(made) {
  const why = holdRevisions([made, ...listed]);
  if (why) print(`git could not be told to keep ${made.revision}: ${why}`);
}

async function backup() {
  prepareGround();
  sweepPartial();
  listed = backups();
  const start = monotonic();
  const { present, absent } = partsThere();
  if (!isState(present)) {
    print('nothing to back up yet');
    return { name: '' };
  }
  const name = freeName();
  const partial = path.join(backupDir, `.${name}.partial`);
  fs.mkdirSync(partial, { mode: 0o700 });
  try {
    const plans = present.map(planned);
    const file = path.join(partial, 'archive');
    const made = manifestOfPlans(
      name,
      sameBytes(plans, absent, file) || (await assembled(plans, file)),
      absent,
      start,
    );
    hold(made);
    publish(partial, 'archive', made);
    return made;
  } finally {
    if (!exists(manifestOf(name))) fs.rmSync(archiveOf(name), { force: true });
    removeTree(partial);
  }
}

// Told first, then asked: whichever of backup and restart ends last knows what the other found out. A state that is
// known by now to be bad or good makes older records of the same state so too.
function settleVerdict(made) {
  const file = inDeploy('jobs', params.job, 'result.json');
  writeWhole(file, JSON.stringify(summaryOf(made)));
  const verdict = verdictBeside() || made.verdict;
  if (verdict !== made.verdict) writeWhole(file, JSON.stringify(summaryOf({ ...made, verdict })));
  if (verdict !== 'unknown' && made.sound) markState(made.state, { verdict });
}

function tell(made) {
  if (!made.name)
    return writeWhole(inDeploy('jobs', params.job, 'result.json'), JSON.stringify(made));
  settleVerdict(made);
  print(`${made.name}: ${made.entries} entries, ${made.bytes} bytes in ${made.seconds} s`);
  const pipes = made.skipped.filter((name) => !made.shut.includes(name));
  if (pipes.length) print(`not backed up, being sockets or pipes: ${pipes.join(', ')}`);
  if (made.shut.length)
    print(`not backed up, as this account cannot read them: ${made.shut.join(', ')}`);
  return undefined;
}

backup()
  .then(tell)
  .catch((error) => {
    print(explain(error).error);
    process.exit(1);
  });
