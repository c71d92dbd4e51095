"""PM2's own deploy over ssh (`pm2 deploy`), as its manual has it: pull, install, build, reload."""

from __future__ import annotations

import json
import time
from pathlib import Path

from sandbox import Machine
from sandbox.commands import run

from . import plain
from .plain import LIMIT_SECONDS
from .world import World, timed

NAME = "pm2"
BOOT_SECONDS = 30
WORK = "npm install && npm run build && pm2 startOrReload ecosystem.config.cjs"


def machine_of_pm2(world: World) -> Machine:
    """Return the machine that PM2 deploys to; the first time, set it up with the app running."""
    if NAME in world.box.machines:
        return world.box.machines[NAME]
    machine = world.box.add_machine(NAME)
    source = machine.project_dir / "source"
    _configuration(world).write_text(f"module.exports = {json.dumps(_settings(world, machine))}\n")
    _pm2(world, "setup")
    (source / ".env").write_text(machine.env_text())
    # A first install is not what is measured, and npm takes longer for one than a copy does.
    run(["cp", "-a", world.plain.project_dir / "node_modules", source])
    _pm2(world)
    return machine


def deploy_by_pm2(world: World, machine: Machine) -> float:
    """Release a change and let PM2 deploy it, which waits for no answer; return the seconds."""
    revision = world.release()
    seconds, _ = timed(lambda: _pm2(world))
    late = time.monotonic() + BOOT_SECONDS
    while machine.page() != revision and time.monotonic() < late:
        time.sleep(0.05)
    plain.insist(machine, revision)
    return seconds


def _configuration(world: World) -> Path:
    return world.box.root / "deploy.config.cjs"


def _settings(world: World, machine: Machine) -> dict[str, object]:
    box = world.box
    production = {
        "user": box.hosts[NAME]["user"],
        "host": "127.0.0.1",
        "port": str(machine.sshd.port),  # what is no text, its script does not find
        "key": str(box.identity),
        "ssh_options": [f"UserKnownHostsFile={box.known_hosts}", "BatchMode=yes"],
        "ref": "origin/main",
        "repo": str(box.origin.bare),
        "path": str(machine.project_dir),
        "post-deploy": WORK,
    }
    return {"apps": [], "deploy": {"production": production}}


def _pm2(world: World, *command: str) -> str:
    """Run `pm2 deploy` where a release is made, which must have nothing unpushed."""
    user = world.box.root.name
    argv: list[str | Path] = ["pm2", "deploy", _configuration(world), "production", *command]
    env = world.box.env() | {"USER": user}
    try:
        return run(argv, cwd=world.box.origin.work, env=env, timeout=LIMIT_SECONDS)
    finally:
        # It logs where everybody does.
        Path(f"/tmp/pm2-deploy-{user}.log").unlink(missing_ok=True)  # noqa: S108 - its own name
