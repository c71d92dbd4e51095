// What the wanted ref is and what deploying it would take, read from git without touching the work tree. needs: common
'use strict';
const gitDir = run(['git', 'rev-parse', '--absolute-git-dir']).stdout.trim();
let env = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: 'false', GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=15' };
const git = (...argv) => run(['git', '-c', 'core.hooksPath=/dev/null', '-c', 'http.lowSpeedLimit=1000', '-c', 'http.lowSpeedTime=20', ...argv], { env, timeout: 300000 });
const ask = (...argv) => git(...argv).stdout.trim();

// A dry run may not leave an object behind: what it fetches goes to a directory that goes away again.
function quarantine() {
  const directory = fs.mkdtempSync(path.join(gitDir, 'ops-dry-'));
  process.on('exit', () => fs.rmSync(directory, { recursive: true, force: true }));
  env = { ...env, GIT_OBJECT_DIRECTORY: directory, GIT_ALTERNATE_OBJECT_DIRECTORIES: path.join(gitDir, 'objects') };
  fs.mkdirSync(path.join(directory, 'pack'));
}

function remoteRefs() {
  const done = git('ls-remote', '--heads', '--tags', 'origin');
  if (done.code !== 0) throw refuse('remote-unreachable', { why: endOf(done.stderr) });
  return new Map(done.stdout.trim().split('\n').filter(Boolean).map((line) => line.split('\t').reverse()));
}

const isCommit = (name) => {
  const done = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
  return done.code === 0 ? done.stdout.trim() : '';
};

// A branch wins over a tag, a tag over a revision: the order in which people mean them.
function resolveDry(ref) {
  const refs = remoteRefs();
  const [kind, sha] = refs.has(`refs/heads/${ref}`) ? ['branch', refs.get(`refs/heads/${ref}`)] : ['tag', refs.get(`refs/tags/${ref}^{}`) || refs.get(`refs/tags/${ref}`)];
  if (!sha) return { kind: 'revision', revision: /^[0-9a-f]{7,40}$/.test(ref) ? isCommit(ref) || fetchQuietly(ref) : '' };
  if (!isCommit(sha)) fetchQuietly(`${kind === 'branch' ? 'refs/heads/' : 'refs/tags/'}${ref}`);
  return { kind, revision: isCommit(sha) };
}

function fetchQuietly(name) {
  quarantine();
  git('fetch', '--quiet', '--no-tags', '--refmap=', '--no-write-fetch-head', '--no-auto-gc', '--end-of-options', 'origin', name);
  return isCommit(name);
}

function resolve(ref) {
  const branch = isCommit(`refs/remotes/origin/${ref}`);
  if (branch) return { kind: 'branch', revision: branch };
  const tag = isCommit(`refs/tags/${ref}`);
  if (tag) return { kind: 'tag', revision: tag };
  if (!/^[0-9a-f]{7,40}$/.test(ref)) return { kind: 'unknown', revision: '' };
  const known = isCommit(ref);
  if (known || ref.length < 40) return { kind: 'revision', revision: known };
  git('fetch', '--quiet', '--no-tags', '--end-of-options', 'origin', ref);
  return { kind: 'revision', revision: isCommit(ref) };
}

const ECOSYSTEMS = ['ecosystem.config.cjs', 'ecosystem.config.js', 'ecosystem.config.json'];

function contents(revision) {
  const names = ask('ls-tree', '--name-only', revision).split('\n');
  const show = (name) => (names.includes(name) ? git('show', `${revision}:${name}`).stdout : '');
  const sha = (text) => crypto.createHash('sha256').update(text).digest('hex');
  return {
    package_json: show('package.json'), yarn_berry: names.includes('.yarnrc.yml'),
    lockfiles: Object.fromEntries(LOCKFILES.filter((name) => names.includes(name)).map((name) => [name, sha(show(name))])),
    ecosystems: ECOSYSTEMS.filter((name) => names.includes(name)),
    named_ecosystem: params.ecosystem ? git('cat-file', '-e', `${revision}:${params.ecosystem}`).code === 0 : true,
    env_example: show(params.env_example), env_tracked: git('cat-file', '-e', `${revision}:${params.env_file}`).code === 0,
    tree_bytes: ask('ls-tree', '-r', '-l', '--full-tree', revision).split('\n').reduce((sum, line) => sum + (Number(line.split(/\s+/)[3]) || 0), 0),
  };
}

const namesOf = (...argv) => git(...argv).stdout.split('\0').filter(Boolean);

// What git does not know, be it ignored or not, and would replace by a file that the revision brings.
function behind(name, tracked) {
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const place = name.slice(0, at);
    const stat = fs.lstatSync(path.join(project, place), { throwIfNoEntry: false });
    if (!stat) return [];
    if (!stat.isDirectory()) return tracked.has(place) ? [] : [place];
  }
  const stat = fs.lstatSync(path.join(project, name), { throwIfNoEntry: false });
  if (!stat) return [];
  return stat.isDirectory() ? namesOf('ls-files', '--others', '-z', '--', name) : [name];
}

// They would be lost without a word. An output that git ignores is what a build made, and is moved aside.
function inTheWay(revision) {
  const tracked = new Set(namesOf('ls-files', '-z'));
  const coming = namesOf('ls-tree', '-r', '-z', '--name-only', '--full-tree', revision);
  const found = [...new Set(coming.filter((name) => !tracked.has(name)).flatMap((name) => behind(name, tracked)))];
  const made = found.filter((name) => [...params.build_outputs, 'node_modules'].some((one) => name === one || name.startsWith(`${one}/`)));
  if (made.length === 0) return found;
  const seen = new Set(namesOf('ls-files', '--others', '--exclude-standard', '-z'));
  return found.filter((name) => !made.includes(name) || seen.has(name));
}

function usage(name) {
  const done = run(['du', '-sk', '--', name]);
  return done.code === 0 ? Number(done.stdout.split(/\s/)[0]) * 1024 : 0;
}

const found = params.dry ? resolveDry(params.ref) : resolve(params.ref);
if (!found.revision) {
  const names = [...remoteRefs().keys()].filter((name) => !name.endsWith('^{}')).map((name) => name.replace(/^refs\/(heads|tags)\//, ''));
  throw refuse('ref-not-found', { ref: params.ref, names: names.slice(0, 12).join(', ') });
}
const head = isCommit('HEAD');
const subjects = head && head !== found.revision ? ask('log', '--format=%h %s', '-n', '50', `${head}..${found.revision}`).split('\n').filter(Boolean) : [];
const ahead = head && git('merge-base', '--is-ancestor', head, found.revision).code === 0;
reply({ ...found, head, subject: ask('log', '-1', '--format=%s', found.revision), commits: subjects, rewritten: Boolean(head) && !ahead, in_the_way: inTheWay(found.revision), bytes: Object.fromEntries(params.measure.map((name) => [name, usage(name)])), ...contents(found.revision) });
