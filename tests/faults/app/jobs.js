// A worker beside the app: answers on a socket with the revision that it was built from.
const fs = require("node:fs");
const http = require("node:http");
require("ms");

const place = `${process.env.PM2_HOME}/jobs.sock`;
fs.rmSync(place, { force: true });
http.createServer((asked, answer) => answer.end("%REVISION%")).listen(place);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
