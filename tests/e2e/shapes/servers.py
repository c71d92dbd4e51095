"""Apps of plain Node servers: Express, Fastify, workers, data, a bot without HTTP."""

from __future__ import annotations

from tests.e2e.shapes.shape import Shape

EXPRESS = {"express": "5.1.0"}
START = "node --env-file=.env server.js"
SERVER = """\
const app = require("express")();
app.get("/", (request, response) => response.send("<h1>version %VERSION%</h1>"));
app.listen(process.env.PORT);
"""
THROWS = "throw new Error('this release cannot start');\n"

EXPRESS_PLAIN = Shape(
    name="express",
    title="Express without a build",
    package={"scripts": {"start": START}, "dependencies": EXPRESS},
    files={},
    page=("server.js", SERVER),
    broken="if (process.env.pm_id) throw new Error('this release cannot start');\n" + SERVER,
    says="cannot start",
    code=5,
    quick=True,
)
EXPRESS_VITE = Shape(
    name="express-vite",
    title="Express with Vite",
    package={
        "type": "module",
        "scripts": {"build": "vite build", "start": START},
        "dependencies": EXPRESS,
        "devDependencies": {"vite": "7.3.1"},
    },
    files={
        "index.html": """\
<!doctype html>
<div id="app"></div>
<script type="module" src="/main.js"></script>
""",
        "server.js": """\
import express from "express";
import fs from "node:fs";
const [bundle] = fs.readdirSync("dist/assets");
const app = express();
app.get("/health", (request, response) => response.sendFile(bundle, { root: "dist/assets" }));
app.use(express.static("dist"));
app.listen(process.env.PORT);
""",
    },
    page=("main.js", 'document.querySelector("#app").textContent = "version %VERSION%";\n'),
    broken="import './not-there.js';\n",
    says="not-there",
    ignored="dist\n",
    health_path="/health",
)
FASTIFY = Shape(
    name="fastify-typescript",
    title="Fastify with TypeScript",
    package={
        "scripts": {"build": "tsc", "start": "node --env-file=.env dist/server.js"},
        "dependencies": {"fastify": "5.6.2"},
        "devDependencies": {"typescript": "5.9.3", "@types/node": "22.19.1"},
    },
    files={
        "tsconfig.json": """\
{
  "compilerOptions": {
    "target": "es2022", "module": "nodenext", "strict": true, "skipLibCheck": true,
    "rootDir": "src", "outDir": "dist"
  },
  "include": ["src"]
}
"""
    },
    page=(
        "src/server.ts",
        """\
import fastify from "fastify";
const app = fastify();
app.get("/", async () => ({ status: "ok", page: "version %VERSION%" }));
app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
""",
    ),
    broken='const port: number = "no number";\nexport { port };\n',
    says="TS2322",
    ignored="dist\n",
    settings={"health.json": {"status": "ok"}},
)
PROCESSES = Shape(
    name="web-worker-cron",
    title="Web, worker and cron job",
    package={"dependencies": EXPRESS},
    files={
        "ecosystem.config.js": """\
module.exports = {
  apps: [
    { name: "web", script: "web.js", node_args: "--env-file=.env" },
    { name: "worker", script: "worker.js" },
    { name: "nightly", script: "nightly.js", cron_restart: "0 4 * * *", autorestart: false },
  ],
};
""",
        "web.js": """\
const { version } = require("./version.js");
const app = require("express")();
app.get("/", (request, response) => response.send(`version ${version}`));
app.listen(process.env.PORT);
""",
        "worker.js": """\
const { version, works } = require("./version.js");
if (!works) throw new Error("this worker cannot start");
require("fs").writeFileSync("worker.txt", version);
setInterval(() => {}, 1000);
""",
        "nightly.js": 'console.log(require("./version.js").version);\n',
    },
    page=("version.js", 'module.exports = { version: "%VERSION%", works: true };\n'),
    broken='module.exports = { version: "broken", works: false };\n',
    says="worker",
    code=5,
    ignored="worker.txt\n",
    shown="worker.txt",
    processes=("worker", "nightly"),
    needs="`app` names the process whose health is asked; all are one version.",
)
DATA = Shape(
    name="runtime-data",
    title="Files that the app writes",
    package={"scripts": {"build": "node build.js", "start": START}, "dependencies": EXPRESS},
    files={
        "build.js": """\
const fs = require("fs");
fs.mkdirSync("public/build", { recursive: true });
fs.copyFileSync("page.html", "public/build/index.html");
""",
        "server.js": """\
const fs = require("fs");
const express = require("express");
const app = express();
fs.mkdirSync("uploads", { recursive: true });
fs.mkdirSync("public/build/thumbnails", { recursive: true });
for (const folder of ["uploads", "public/build/thumbnails"])
  fs.appendFileSync(`${folder}/starts.txt`, "started\\n");
app.use(express.static("public/build"));
app.listen(process.env.PORT);
""",
    },
    page=("page.html", "<h1>version %VERSION%</h1>\n"),
    broken="<h1>something went wrong</h1>\n",
    says="not with version",
    ignored="public/build\nuploads\n",
    settings={
        "shared_paths": ["uploads", "public/build/thumbnails"],
        "health.body": "version",
    },
    data="uploads/starts.txt",
    quick=True,
)
BOT = Shape(
    name="bot",
    title="A bot without HTTP",
    package={"scripts": {"start": "node bot.js"}, "dependencies": {"ms": "2.1.3"}},
    files={},
    page=(
        "bot.js",
        """\
require("fs").writeFileSync("seen.txt", "version %VERSION%");
setInterval(() => {}, require("ms")("1s"));
""",
    ),
    broken=THROWS,
    says="cannot start",
    ignored="seen.txt\n",
    settings={"health_url": ""},
    shown="seen.txt",
)
SERVERS = (EXPRESS_PLAIN, EXPRESS_VITE, FASTIFY, PROCESSES, DATA, BOT)
