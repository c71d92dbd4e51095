"""What PM2 runs is what the revision says: workers, variables, script; and no request is lost."""

from __future__ import annotations

import json
from typing import Any

from sandbox.processes import is_alive
from tests.e2e.probe import Probe
from tests.e2e.world import World

OTHER = """
module.exports = { apps: [{ name: "manager", script: "start.mjs", exec_mode: "cluster",
  instances: 2, kill_timeout: 3000, env: { NODE_ENV: "production", GREETING: "hello" } }] };
"""


def test_two_workers_lose_no_request_in_a_deploy_and_a_restart(world: World):
    with world.settings(ecosystem="cluster.config.cjs"):
        world.release()
        world.run("deploy")
        revision = world.release()
        with Probe(world.machine) as probe:
            world.run("deploy")
            world.run("deploy.restart")
        assert world.serves(revision)
        assert len(world.machine.apps()) == 2
    assert probe.failures == []
    assert probe.asked > 200


def test_a_changed_ecosystem_entry_takes_effect(world: World):
    world.release()
    world.run("deploy")
    kept = (world.box.origin.work / "ecosystem.config.cjs").read_text()
    start = 'import "./dist/index.js";\n'
    changed = world.release({"ecosystem.config.cjs": OTHER, "start.mjs": start})
    world.run("deploy")
    assert world.serves(changed)
    assert [seen(app) for app in world.machine.apps()] == [
        ("start.mjs", "cluster_mode", "hello")
    ] * 2
    back = world.release({"ecosystem.config.cjs": kept, "start.mjs": None})
    world.run("deploy")
    assert world.serves(back)
    assert [seen(app) for app in world.machine.apps()] == [("dist/index.js", "fork_mode", None)]


def test_a_restart_starts_no_pm2_and_saves_what_pm2_would_save(world: World):
    calls = world.box.root / "pm2-calls"
    with world.shims(pm2=f'echo "$@" >>{calls}; exec "$REAL" "$@"'):
        world.run("deploy.restart")
    assert not calls.exists()
    ours = saved(world)
    world.machine.pm2("save", "--force")
    assert ours == saved(world) != []


def saved(world: World) -> list[dict[str, Any]]:
    """Return what PM2 brings back at reboot, without what it measures all the time."""
    kept = json.loads((world.machine.pm2_home / "dump.pm2").read_text())
    return [
        {name: value for name, value in app.items() if not name.startswith("axm_")} for app in kept
    ]


def seen(app: dict[str, Any]) -> tuple[str, str, str | None]:
    """Return the script, the mode and the greeting that PM2 holds."""
    env = app["pm2_env"]
    script = env["pm_exec_path"].removeprefix(f"{env['pm_cwd']}/")
    return script, env["exec_mode"], env.get("GREETING")


def test_a_pm2_that_a_build_or_a_hook_calls_is_not_the_accounts(world: World):
    world.release()
    world.run("deploy")
    said = world.box.root / "aside.txt"
    calls = f"pm2 delete all; pm2 start 'sleep 600' --name stray && pm2 pid stray >>{said}"
    revision = world.release()
    with world.settings(hooks={"before_build": [calls], "before_commit": [calls]}):
        world.run("deploy")
    assert world.serves(revision)
    assert [app["name"] for app in world.machine.apps()] == ["manager"]
    strays = [int(pid) for pid in said.read_text().split()]
    assert [is_alive(pid) for pid in strays] == [False, False]
    assert not list(world.project.glob(".deploy/jobs/*/pm2"))
