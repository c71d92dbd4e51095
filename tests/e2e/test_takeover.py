"""An app that a person once started by hand: it is taken over, and can be gone back to."""

from __future__ import annotations

import subprocess
import time
from hashlib import sha256
from typing import Any

from tests.e2e.world import World


def test_an_app_started_by_hand_is_taken_over(empty: World):
    first = by_hand(empty, JWT_SECRET="once-exported-by-hand", GREETING="hello")
    assert health(empty)["secret"] == fingerprint("once-exported-by-hand")
    empty.release(health="unhealthy-live")
    with empty.settings(health={"wait": 0, "retries": 6, "delay": 0.5}):
        answer = empty.run("deploy", code=5)
    assert answer.row["previous_revision"] == first
    assert empty.serves(first)
    revision = empty.release()
    empty.run("deploy")
    assert empty.serves(revision)
    assert empty.machine.health()["secret"] == fingerprint(empty.machine.secrets["JWT_SECRET"])
    [app] = empty.machine.apps()
    assert "GREETING" not in app["pm2_env"]


def test_how_an_app_was_started_by_hand_is_kept_as_long_as_its_backups(empty: World):
    first = by_hand(empty, start="pm2 -s start npm --name manager -- start", GREETING="hello")
    assert health(empty)
    backup = []
    for _ in range(3):
        revision = empty.release()
        backup.append(empty.run("deploy").row["backup"])
        assert empty.serves(revision)
    empty.run("rollback", "--backup", backup[0])
    assert started(empty) == (first, "npm", "hello")
    empty.run("rollback", "--undo")
    assert empty.serves(revision)
    empty.run("rollback", "--backup", backup[0])
    for _ in range(2):
        empty.run("deploy.restart")
        assert started(empty) == (first, "npm", "hello")
    [kept] = list(empty.project.glob(".deploy/started/*.json"))
    assert kept.stat().st_mode & 0o777 == 0o600
    revision = empty.release()
    empty.run("deploy")
    assert empty.serves(revision)
    kept.unlink()  # a host that was set up again has the manifests
    empty.run("rollback", "--backup", backup[0])
    assert started(empty) == (first, "npm", "hello")


def started(world: World) -> tuple[str, str, str | None]:
    """Return the revision that is served, the script that PM2 runs, and the greeting it holds."""
    [app] = world.machine.apps()
    env = app["pm2_env"]
    return world.machine.page(), env["pm_exec_path"].rpartition("/")[2], env.get("GREETING")


def by_hand(world: World, start: str = "pm2 -s start ecosystem.config.cjs", **exported: str) -> str:
    """Clone, install, build and start as people do; return the revision."""
    machine, project = world.machine, world.project
    script = f"npm ci --silent && npm run build --silent && {start}"
    clone = f"git clone -q {world.box.origin.bare} {project}"
    run(world, clone)
    machine.write_env()
    run(world, f"cd {project} && {script} && pm2 -s save", **exported)
    return world.git("rev-parse", "HEAD")


def health(world: World) -> dict[str, Any]:
    """Return what the health path says as soon as it says anything."""
    deadline = time.monotonic() + 60
    while not (seen := world.machine.health()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return seen


def run(world: World, script: str, **exported: str) -> None:
    """Run a script at the host."""
    env = world.machine.env() | exported
    subprocess.run(["bash", "-c", script], env=env, check=True, capture_output=True)


def fingerprint(secret: str) -> str:
    """Return how the app's health path shows a secret."""
    return sha256(secret.encode()).hexdigest()[:12]
