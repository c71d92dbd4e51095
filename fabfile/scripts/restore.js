// Unpacks a backup beside the live app, proven whole on the way. needs: common process swap extract progress
'use strict';
const fresh = inDeploy('restore');
const done = meter('restore');

// All of it when most is wanted; else each wanted part alone, which is proven by its own digest.
async function unpack(manifest) {
  done.expect(manifest.plain_bytes);
  const alone = manifest.parts.every((part) => Number.isInteger(part.offset) && part.sha256) && params.wanted.length < manifest.paths.length;
  if (!alone) return readWhole(manifest, { root: fresh, wanted: params.wanted, places: params.places, tell: done.add });
  for (const part of manifest.parts.filter((one) => params.wanted.includes(one.path))) await readPart(manifest, part, fresh);
  return null;
}

async function restore() {
  const manifest = readManifest(params.name);
  if (!manifest) throw refuse(`there is no backup ${params.name} any more`);
  sweep(fresh);
  fs.mkdirSync(fresh, { recursive: true, mode: 0o700 });
  try {
    await unpack(manifest);
  } catch (error) {
    sweep(fresh);
    if (error.refused) markState(manifest.content, { damaged: true });
    throw error.refused ? refuse(`${params.name} is damaged: ${error.message}`) : error;
  }
  run(['timeout', '30', 'sync', '-f', fresh]); // a power cut after the swap must find the files, not their names
  fs.writeSync(1, `${params.name}: ${params.wanted.join(', ')} unpacked and proven\n`);
}

restore().catch((error) => {
  fs.writeSync(1, `${explain(error).error}\n`);
  process.exit(error.refused ? 94 : 1);
});
