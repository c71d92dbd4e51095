// Behind the extract program: damages an archive in many ways and says which damage was not found.
const file = archiveOf(params.name);
const whole = fs.readFileSync(file);
const plain = zlib.gunzipSync(whole);
const told = readManifest(params.name);
const places = params.paths;
let state = params.seed;

// The same damage in every run: a linear congruential generator.
function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

const flipped = (bytes) => {
  const copy = Buffer.from(bytes);
  for (let turn = 1 + random(2); turn > 0; turn--) copy[random(copy.length)] ^= 1 << random(8);
  return copy.equals(bytes) ? flipped(bytes) : copy;
};
const cut = (bytes) => bytes.subarray(0, random(bytes.length));
const without = (bytes) => {
  const at = random(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(40))]);
};
const longer = (bytes) =>
  Buffer.concat([bytes, flipped(bytes).subarray(0, 1 + random(bytes.length))]);
const zeroed = (bytes) => {
  const [copy, at] = [Buffer.from(bytes), random(bytes.length)];
  copy.fill(0, at, Math.min(at + 16, copy.length));
  return copy.equals(bytes) ? zeroed(bytes) : copy;
};
const WAYS = [flipped, flipped, flipped, flipped, cut, without, longer, zeroed];

// With its new length in the manifest, so that it is read at all.
async function found(bytes, change = {}) {
  fs.writeFileSync(file, bytes);
  try {
    await readWhole({ ...told, bytes: bytes.length, ...change }, { places });
    return false;
  } catch (error) {
    if (!error.refused) throw error;
    return true;
  }
}

// A part alone is unpacked without looking at the others: what is wrong in it is found by its own digest.
async function partFound(bytes, part) {
  try {
    await readPart({ ...told, bytes: bytes.length }, part, '');
    return bytes
      .subarray(part.offset, part.offset + part.bytes)
      .equals(whole.subarray(part.offset, part.offset + part.bytes));
  } catch (error) {
    if (!error.refused) throw error;
    return true;
  }
}

// Where each member begins, and where the whole ends: a tar that is cut there is itself a tar.
function boundaries() {
  const found_ = [];
  for (let at = 0; at < plain.length; at += BLOCK_BYTES) {
    if (plain.toString('latin1', at + 257, at + 262) === 'ustar') found_.push(at);
  }
  return [...found_, told.plain_bytes, told.plain_bytes + BLOCK_BYTES];
}

const digest = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

// As somebody would do it who mends the digest, and then the count too.
async function cutBetween(missed) {
  for (const at of boundaries()) {
    for (const end of [Buffer.alloc(0), Buffer.alloc(BLOCK_BYTES), END_BLOCKS]) {
      const bytes = zlib.gzipSync(Buffer.concat([plain.subarray(0, at), end]));
      if (at >= told.plain_bytes && end.length + at >= plain.length) continue;
      if (!(await found(bytes))) missed.push(['sum', at, end.length]);
      if (!(await found(bytes, { sha256: digest(bytes) }))) missed.push(['count', at, end.length]);
    }
  }
}
const END_BLOCKS = Buffer.alloc(2 * BLOCK_BYTES);

// Every gzip member ends where the next begins.
async function cutMembers(missed) {
  const starts = told.parts
    .map((part) => part.offset)
    .concat(told.parts.at(-1).offset + told.parts.at(-1).bytes);
  for (const at of starts) {
    const bytes = whole.subarray(0, at);
    if (!(await found(bytes)) || !(await found(bytes, { sha256: digest(bytes) })))
      missed.push(['member', at]);
    const rest = whole.subarray(at);
    if (at && !(await found(rest, { sha256: digest(rest) }))) missed.push(['first member', at]);
  }
}

async function main() {
  const missed = [];
  const sure = !(await found(whole));
  await cutBetween(missed);
  await cutMembers(missed);
  for (let turn = 0; turn < params.count; turn++) {
    const way = WAYS[random(WAYS.length)];
    const bytes = way(whole);
    if (!(await found(bytes))) missed.push([way.name, turn]);
    if (turn % 4 === 0)
      for (const part of told.parts)
        if (!(await partFound(bytes, part))) missed.push([part.path, way.name, turn]);
  }
  fs.writeFileSync(file, whole);
  reply({ sure, missed, boundaries: boundaries().length, left: exists(inDeploy('restore')) });
}

main().catch(fail);
