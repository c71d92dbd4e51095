// Writes a few files, each of which says of which revision it is.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");

const revision = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
fs.mkdirSync("dist/parts", { recursive: true });
const text = fs.readFileSync("src/index.js", "utf8");
fs.writeFileSync("dist/index.js", text.replaceAll("%REVISION%", revision));
const jobs = fs.readFileSync("packages/jobs/jobs.js", "utf8");
fs.mkdirSync("packages/jobs/dist", { recursive: true });
fs.writeFileSync("packages/jobs/dist/jobs.js", jobs.replaceAll("%REVISION%", revision));
for (const part of [0, 1]) fs.writeFileSync(`dist/parts/${part}.js`, `module.exports = "${revision}";\n`);
