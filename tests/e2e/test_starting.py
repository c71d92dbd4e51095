"""An app is started as PM2 starts it, in the boot test and live; what cannot be is said early."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.xdist_group("starting")

NPM = """
module.exports = { apps: [{ name: "manager", script: "npm", args: "start", namespace: "shop",
  env: { NODE_ENV: "development", GREETING: "dev" },
  env_production: { NODE_ENV: "production", GREETING: "live" } }] };
"""
READY = """
import "./dist/index.js";
process.send("ready");
"""
WAITS = """
module.exports = { apps: [{ name: "manager", script: "ready.mjs", wait_ready: true }] };
"""
YAML = """\
apps:
  - name: web
    script: dist/index.js
    interpreter_args: --no-warnings
    env_staging:
      GREETING: staging
"""
GONE = 'module.exports = { apps: [{ name: "manager", script: "server/index.js" }] };\n'


def app_of(world: World) -> dict[str, Any]:
    """Return what PM2 holds of the only app."""
    [app] = world.machine.apps()
    return {**app["pm2_env"], "name": app["name"]}


def test_an_npm_script_is_started_in_its_environment(world: World):
    kept = (world.box.origin.work / "ecosystem.config.cjs").read_text()
    package = json.loads((world.box.origin.work / "package.json").read_text())
    changed = {**package, "scripts": {**package["scripts"], "start": "node dist/index.js"}}
    files = {"ecosystem.config.cjs": NPM, "package.json": json.dumps(changed)}
    revision = world.release(files)
    assert world.run("deploy").steps()["boot"] == "ok"
    assert world.serves(revision)
    live = app_of(world)
    assert (live["GREETING"], live["namespace"]) == ("live", "shop")
    world.run("deploy.restart")
    assert app_of(world)["GREETING"] == "live"
    with world.settings(pm2_env="staging"):
        world.run("deploy")
        assert app_of(world)["GREETING"] == "dev"
    ready = {"ecosystem.config.cjs": WAITS, "ready.mjs": READY, "package.json": json.dumps(package)}
    revision = world.release(ready)
    world.run("deploy")
    assert world.serves(revision)
    world.release({"ecosystem.config.cjs": kept, "ready.mjs": None})
    world.run("deploy")


def test_a_file_that_pm2_cannot_load_is_found_before_the_install(world: World):
    work = world.box.origin.work
    kept = (work / "ecosystem.config.cjs").read_text()
    module = {"ecosystem.config.cjs": None}
    file = {"ecosystem.config.js": kept.replace("module.exports =", "export default")}
    world.release({**module, **file})
    refused = world.run("deploy", code=1)
    assert set(refused.steps()) & {"install", "build"} == set()
    assert "it is an ES module" in refused.error
    assert "start_command" in refused.error
    cured(work, str(refused.row["hint"]))
    revision = world.release()
    world.run("deploy")
    assert world.serves(revision)


def cured(work: Path, hint: str) -> None:
    """Type what the hint says."""
    run(["bash", "-c", hint], cwd=work, check=True)


def test_another_start_uses_the_build_that_is_there(world: World):
    kept = (world.box.origin.work / "ecosystem.config.cjs").read_text()
    revision = world.release({"ecosystem.config.cjs": GONE})
    refused = world.run("deploy", code=1)
    assert "server/index.js" in refused.error
    assert "it made dist" in refused.error
    assert refused.steps()["build"] == "ok"
    with world.settings(start_command="node dist/index"):  # as Nest's template has it
        answer = world.run("deploy")
    assert (answer.steps()["build"], answer.steps()["boot"]) == ("reused", "ok")
    assert world.serves(revision)
    with world.settings(build_outputs=["public"]):
        world.release()
        refused = world.run("deploy", code=1)
    assert "build_outputs" in refused.error
    assert "it made dist" in refused.error
    world.release({"ecosystem.config.cjs": kept})
    world.run("deploy")


def test_a_yaml_file_is_started_under_another_name(empty: World):
    empty.machine.write_env()
    files = {"ecosystem.config.cjs": None, "ecosystem.config.yaml": YAML}
    revision = empty.release(files)
    with empty.settings(app="web", pm2_name="{name}-staging", pm2_env="staging"):
        empty.run("deploy.setup")
        assert empty.serves(revision)
        live = app_of(empty)
        assert (live["name"], live["GREETING"]) == ("web-staging", "staging")
        assert live["node_args"] == ["--no-warnings"]
        revision = empty.release()
        empty.run("deploy")
        assert empty.serves(revision)
        assert empty.run("status").row["health"] == "healthy"
        empty.run("rollback")
        assert app_of(empty)["name"] == "web-staging"
