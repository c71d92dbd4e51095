// Answers with the revision that it was built from, and with that of every file beside it.
const fs = require("node:fs");
const http = require("node:http");
require("ms"); // nothing runs without its packages

for (const line of fs.readFileSync(".env", "utf8").split("\n")) {
  const [name, ...value] = line.split("=");
  if (name) process.env[name] ??= value.join("=");
}

const revision = "%REVISION%";
const parts = () => fs.readdirSync(`${__dirname}/parts`).map((name) => fs.readFileSync(`${__dirname}/parts/${name}`, "utf8").split('"')[1]);

const server = http.createServer((asked, answer) => {
  const told = { ok: true, revision, pid: process.pid, parts: parts(), value: process.env.FAULT_VALUE || "" };
  answer.end(asked.url.startsWith("/api/") ? JSON.stringify({ result: { data: { json: told } } }) : `<p>${revision}</p>`);
});
server.listen(Number(process.env.PORT), "127.0.0.1");
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
