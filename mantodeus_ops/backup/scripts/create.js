// Creates a backup: an archive and its manifest, verified before it is listed.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { backupPaths } = require('../../app/scripts/made_files');
const { holdRevisions } = require('../../git/scripts/revisions');
const { prepareGround } = require('../../remote/scripts/directories');
const { explain, refuse } = require('../../remote/scripts/errors');
const { exists, removeTree } = require('../../remote/scripts/files');
const { meter, print } = require('../../remote/scripts/job_log');
const { params } = require('../../remote/scripts/params');
const { canRead } = require('../../remote/scripts/permissions');
const { sweepTemporary } = require('../../remote/scripts/process');
const { leaveResult, noted, readState } = require('../../remote/scripts/state_file');
const { monotonic } = require('../../remote/scripts/time');
const { keepTaken, startOf } = require('../../pm2/scripts/taken_start');
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
  sizeOf,
  summaryOf,
} = require('./manifest');
const { newManifest, rootOf, verdictBeside } = require('./create_manifest');
const { contentOf } = require('./tar_stream');
const { SMALL_BYTES, printOf } = require('./tar_writer');

const done = meter('backup');
let listed = []; // the earlier backups, read once: the lock is held

// The part in an earlier archive that has these very files, or files with the same content.
function known(name, fingerprint) {
  const all = listed.flatMap((manifest) => manifest.parts.map((part) => ({ part, manifest })));
  const same = all.filter(
    ({ part, manifest }) =>
      part.path === name && part.consistent && !manifest.damaged && isUsable(manifest.name),
  );
  const sure = same.find(({ part }) => part.strong === fingerprint.strong);
  // A rebuild leaves the same content with new times, so contents are compared; a large part only if its times agree.
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
  if (!listed.some((one) => one.paths.includes(name))) return { name }; // no earlier archive has it: its fingerprint is taken while it is packed
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

// Removes unfinished backups, which no other run owns, as the lock is held. A complete pair gets its names.
function sweepPartial() {
  for (const name of fs
    .readdirSync(backupDir)
    .filter((one) => /^\.backup-.*\.(partial|gone)$/s.test(one))) {
    const whole = readState(path.join(backupDir, name, 'manifest'), { aside: false });
    if (whole && sizeOf(archiveOf(whole.name)) === whole.bytes && !exists(manifestOf(whole.name)))
      fs.renameSync(path.join(backupDir, name, 'manifest'), manifestOf(whole.name));
    if (name.endsWith('.gone')) fs.rmSync(manifestOf(name.slice(1, -5)), { force: true }); // an interrupted prune
    removeTree(path.join(backupDir, name));
  }
  sweepTemporary(backupDir); // only files of dead processes: a verify without the lock may be writing
}

function freeName() {
  for (let stamp = new Date(); ; stamp = new Date(stamp.getTime() + 1000)) {
    const digits = stamp.toISOString().replace(/\D/g, '').slice(0, 14);
    const name = `backup-${digits.slice(0, 8)}-${digits.slice(8)}`;
    if (!exists(archiveOf(name)) && !exists(manifestOf(name))) return name;
  }
}

// A hard link to an earlier archive with the same parts. Null if there is none or the file system has no hard links;
// then each part is copied.
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

// Whether there is a state to back up: a revision that runs is one, even without parts.
const isState = (present) =>
  present.length > 0 ||
  Boolean(params.about.revision && (params.about.live || params.running_since));

// The parts that exist and those that do not. An unreadable part is in neither list, so a rollback does not touch it.
function partsThere() {
  const wanted = backupPaths();
  const there = wanted.filter((name) => exists(path.join(rootOf(name), name)));
  const shut = there.filter(
    (name) =>
      !fs.lstatSync(path.join(rootOf(name), name)).isSymbolicLink() &&
      !canRead(path.join(rootOf(name), name)),
  );
  for (const name of shut)
    noted(path.join(rootOf(name), name), 'cannot be read by this account and is not backed up');
  return {
    present: there.filter((name) => !shut.includes(name)),
    absent: wanted.filter((name) => !there.includes(name)),
  };
}

function hold(made) {
  const why = holdRevisions([made, ...listed]);
  if (why) print(`git cannot keep ${made.revision}: ${why}`);
}

// An app that a person has started by hand: how it runs is known from PM2 alone.
async function startKnown() {
  const { live, revision } = params.about;
  const entry = (live && live.entry) || (await keepTaken().catch(() => null));
  const kept = entry && entry.kept ? startOf(entry) : null;
  if (!kept) return { live };
  return { live: { revision, ...live, entry }, start: kept };
}

async function backup() {
  prepareGround();
  sweepPartial();
  listed = backups();
  const start = monotonic();
  const about = await startKnown();
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
    const made = newManifest(
      name,
      sameBytes(plans, absent, file) || (await assembled(plans, file)),
      { absent, listed, start, about },
    );
    hold(made);
    publish(partial, 'archive', made);
    return made;
  } finally {
    if (!exists(manifestOf(name))) fs.rmSync(archiveOf(name), { force: true });
    removeTree(partial);
  }
}

// Writes the result before reading the verdict of a restart that runs beside it: whichever of the two ends last sees what
// the other found out. A known verdict also applies to older records of the same state.
function settleVerdict(made) {
  leaveResult(summaryOf(made));
  const verdict = verdictBeside() || made.verdict;
  if (verdict !== made.verdict) leaveResult(summaryOf({ ...made, verdict }));
  if (verdict !== 'unknown' && made.sound) markState(made.state, { verdict });
}

function tell(made) {
  if (!made.name) return leaveResult(made);
  settleVerdict(made);
  print(`${made.name}: ${made.entries} entries, ${made.bytes} bytes in ${made.seconds} s`);
  const pipes = made.skipped.filter((name) => !made.shut.includes(name));
  if (pipes.length) print(`not backed up, as they are sockets or pipes: ${pipes.join(', ')}`);
  if (made.shut.length)
    print(`not backed up, as this account cannot read them: ${made.shut.join(', ')}`);
  return undefined;
}

async function main() {
  os.setPriority(19); // the live app has priority
  try {
    tell(await backup());
  } catch (error) {
    print(explain(error).error);
    return { exit: 1 };
  }
  return undefined;
}

module.exports = { main };
