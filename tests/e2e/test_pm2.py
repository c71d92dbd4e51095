"""What PM2 runs is what the revision says: workers, variables, script; and no request is lost."""

from __future__ import annotations

from typing import Any

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


def seen(app: dict[str, Any]) -> tuple[str, str, str | None]:
    """Return the script, the mode and the greeting that PM2 holds."""
    env = app["pm2_env"]
    script = env["pm_exec_path"].removeprefix(f"{env['pm_cwd']}/")
    return script, env["exec_mode"], env.get("GREETING")
