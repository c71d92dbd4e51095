"""The measurements: ours and the plain way in turn, so that both meet the same noise."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import Machine
from sandbox.box import PROGRAMS
from sandbox.commands import CHECKOUT
from sandbox.machine import fetch
from sandbox.openssh import free_port

from . import plain
from .backups import backups
from .floods import floods
from .report import PUSHES
from .rollbacks import rollbacks
from .samples import BenchError
from .taken import Taken
from .world import World, load, timed

REPEATS = 5  # of what takes well under a second, in each round
BOOT_SECONDS = 30
OK = 200
EMPTY = "from invoke import Collection\n\nns = Collection()\n"


def measure(world: World, rounds: int, say: Callable[[str], None]) -> Taken:
    """Return everything measured over these rounds; raise BenchError, SandboxError."""
    taken = Taken(big=world.big)
    for turn in range(1, rounds + 1):
        say(f"round {turn} of {rounds}: boot, deploy, restart, rollback, status, backup")
        taken.boots.append(app_boot(world.plain))
        _deploys(world, taken)
        _restarts(world, taken)
        rollbacks(world, taken)
        _short_tasks(world, taken)
        backups(world, taken)
    world.use_cluster()
    world.deploy()
    for turn in range(1, rounds + 1):
        say(f"round {turn} of {rounds}: deploy of two cluster workers")
        with load(world.ours) as seen:
            taken.cluster.deploy.seconds.append(world.deploy().seconds)
        taken.cluster.deploy.noticed(seen)
    for turn in range(1, rounds + 1):
        say(f"round {turn} of {rounds}: {PUSHES:,} signed pushes")
        floods(world, taken)
    return taken


def _deploys(world: World, taken: Taken) -> None:
    with load(world.ours) as seen:
        taken.steps.append(world.deploy())
    taken.ours.deploy.seconds.append(taken.steps[-1].seconds)
    taken.ours.deploy.noticed(seen)
    with load(world.plain) as seen:
        taken.plain.deploy.seconds.append(world.deploy_plainly())
    taken.plain.deploy.noticed(seen)


def _restarts(world: World, taken: Taken) -> None:
    taken.ours.restart.change(world.ours, lambda: world.fab("restart"))
    by_hand = plain.restart(world.plain)
    taken.plain.restart.change(world.plain, lambda: world.ssh(world.plain, by_hand))


def _short_tasks(world: World, taken: Taken) -> None:
    probe = plain.probe(world.ours)
    with TemporaryDirectory() as folder:
        (Path(folder) / "tasks.py").write_text(EMPTY)
        for _ in range(REPEATS):
            taken.ours.status.append(timed(lambda: world.fab("status"))[0])
            taken.plain.status.append(timed(lambda: world.ssh(world.ours, probe))[0])
            taken.ours.listing.append(_listing(world, CHECKOUT))
            taken.plain.listing.append(_listing(world, Path(folder)))


def _listing(world: World, folder: Path) -> float:
    argv, env = [str(PROGRAMS / "inv"), "--list"], world.box.env()
    # Invoke calls it a failure to list nothing.
    return timed(
        lambda: subprocess.run(argv, cwd=folder, env=env, capture_output=True, check=False)
    )[0]


def app_boot(machine: Machine) -> float:
    """Return how long the app takes from its start, without PM2, to a healthy answer."""
    port = free_port()
    url = machine.health_url.replace(str(machine.port), str(port), 1).replace("{timestamp}", "1")
    began = time.monotonic()
    app = subprocess.Popen(
        ["node", "dist/index.js"],
        cwd=machine.project_dir,
        env=machine.env() | {"PORT": str(port), "NODE_ENV": "production"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return _until_healthy(url, began)
    finally:
        app.kill()
        app.wait()


def _until_healthy(url: str, began: float) -> float:
    while time.monotonic() < began + BOOT_SECONDS:
        if fetch(url)[0] == OK:
            return time.monotonic() - began
        time.sleep(0.01)
    raise BenchError(f"the app did not start within {BOOT_SECONDS} s")
