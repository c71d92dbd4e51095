// Bundles the server and writes the page; both carry the revision that they were built from.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const behaviour = JSON.parse(readFileSync("behaviour.json", "utf8"));
if (behaviour.build === "slow") {
  await new Promise((done) => setTimeout(done, behaviour.seconds * 1000));
}
if (behaviour.build === "fail") {
  console.error("build: told to fail by behaviour.json");
  process.exit(1);
}

const revision = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();

await build({
  entryPoints: ["src/index.js"],
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  outfile: "dist/index.js",
  define: { REVISION: JSON.stringify(revision) },
});

mkdirSync("dist/public", { recursive: true });
const page = readFileSync("src/index.html", "utf8").replaceAll("%REVISION%", revision);
writeFileSync("dist/public/index.html", page);
console.log(`built ${revision.slice(0, 12)}`);
