"""Apps that are not like the sandbox's own: other package managers, no build, no ecosystem file."""

from __future__ import annotations

import json
import subprocess

from sandbox.machine import fetch
from tests.e2e.world import World
from tests.support.package_managers import programs_of

SERVER = """
const ms = require("ms");
try { process.loadEnvFile(); } catch { /* the boot test's PORT is enough */ }
const answer = (_, response) => response.end(`%s waited ${ms(60000)}`);
require("http").createServer(answer).listen(process.env.PORT, "127.0.0.1");
"""
PACKAGE = {
    "name": "manager",
    "private": True,
    "scripts": {"start": "node server.js"},
    "dependencies": {"ms": "2.1.3"},
}
GONE = ("ecosystem.config.cjs", "cluster.config.cjs", "package-lock.json", "build.mjs")


def test_a_pnpm_app_without_build_and_ecosystem_file_is_deployed(empty: World):
    pnpm = programs_of("pnpm@10")
    package = {"package.json": json.dumps(PACKAGE), **dict.fromkeys(GONE)}
    empty.release({**package, "server.js": SERVER % "first"})
    subprocess.run(
        [pnpm / "pnpm", "install", "--lockfile-only"],
        cwd=empty.box.origin.work,
        env=empty.machine.env(),
        check=True,
        capture_output=True,
    )
    empty.machine.write_env()
    empty.release()
    with empty.settings(path=[str(pnpm), str(empty.programs)]):
        assert "pnpm install --frozen-lockfile" in empty.run("deploy.setup").err
        assert fetch(empty.machine.url) == (200, "first waited 1m")
        empty.release({"server.js": SERVER % "second"})
        assert empty.run("deploy").steps()["install"] == "reused"
        assert fetch(empty.machine.url) == (200, "second waited 1m")


def test_a_host_without_the_package_manager_is_told_so(world: World):
    before = world.machine.page()
    kept = (world.box.origin.work / "package-lock.json").read_text()
    world.release({"package-lock.json": None, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n"})
    with world.shims(corepack="exit 1"):
        answer = world.run("deploy", code=1)
    world.release({"package-lock.json": kept, "pnpm-lock.yaml": None})
    assert "pnpm" in answer.error
    assert world.serves(before)
