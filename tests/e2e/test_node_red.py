"""A large app of somebody else's, as it comes from npm: Node-RED."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from sandbox.machine import fetch
from tests.e2e.world import World

PACKAGE = {
    "name": "flows",
    "private": True,
    "scripts": {"start": "node-red --userDir ./data --settings ./settings.js"},
    "dependencies": {"node-red": "4.0.9"},
}
SETTINGS = """
try { process.loadEnvFile(); } catch { /* the boot test's PORT is enough */ }
module.exports = { uiPort: process.env.PORT, uiHost: "127.0.0.1", flowFile: "flows.json",
  credentialSecret: "only for a test", editorTheme: { page: { title: "%s" } } };
"""
GONE = ("ecosystem.config.cjs", "cluster.config.cjs", "package-lock.json", "build.mjs")


@pytest.fixture
def red() -> Iterator[World]:
    """Yield a world whose origin holds a Node-RED project."""
    with Sandbox() as box:
        world = World(box, "fab")
        box.hosts["manager"]["health_url"] = world.machine.url
        box.write_inventory()
        ignored = "node_modules/\n.env\nbackups/\nlogs/\ndata/\n"
        files = {"package.json": json.dumps(PACKAGE), ".gitignore": ignored, ".env.example": ""}
        world.release({**files, **dict.fromkeys(GONE), "settings.js": SETTINGS % "first"})
        argv = ["npm", "install", "--package-lock-only"]
        env = world.machine.env()
        subprocess.run(argv, cwd=box.origin.work, env=env, check=True, capture_output=True)
        world.release()
        world.machine.write_env()
        yield world
        world.end()


def test_node_red_is_deployed_and_deployed_again(red: World):
    red.run("deploy.setup", timeout=300)
    assert title(red) == "first"
    red.release({"settings.js": SETTINGS % "second"})
    assert red.run("deploy").steps()["install"] == "reused"
    assert title(red) == "second"
    assert red.run("status").row["status"] == "online"


def title(world: World) -> str:
    """Return the title of the editor's page."""
    status, text = fetch(world.machine.url)
    assert status == 200, text
    return text.partition("<title>")[2].partition("</title>")[0]
