"""The measurements: ours and the plain way in turn, so that both meet the same noise."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import Machine
from sandbox.box import PROGRAMS
from sandbox.commands import CHECKOUT
from sandbox.machine import fetch
from sandbox.openssh import free_port

from . import plain
from .load import Load
from .samples import BenchError, Deploy, Outage, healthy_after, outage
from .world import World, load, timed

REPEATS = 5  # of what takes well under a second, in each round
BOOT_SECONDS = 30
OK = 200
EMPTY = "from invoke import Collection\n\nns = Collection()\n"


@dataclass(slots=True)
class Side:
    """What one way of doing it took, a value a round."""

    deploys: list[float] = field(default_factory=list)
    outages: dict[str, list[Outage]] = field(default_factory=dict)
    restarts: list[float] = field(default_factory=list)
    healthy: list[float] = field(default_factory=list)
    status: list[float] = field(default_factory=list)
    listing: list[float] = field(default_factory=list)

    def noticed(self, seen: Load) -> None:
        """Keep what the requesters of one deploy noticed."""
        for name, probes in seen.probes.items():
            self.outages.setdefault(name, []).append(outage(probes))


@dataclass(slots=True)
class Taken:
    """Everything that was measured."""

    ours: Side = field(default_factory=Side)
    plain: Side = field(default_factory=Side)
    cluster: Side = field(default_factory=Side)
    steps: list[Deploy] = field(default_factory=list)
    boots: list[float] = field(default_factory=list)


def measure(world: World, rounds: int, say: Callable[[str], None]) -> Taken:
    """Return everything measured over these rounds; raise BenchError, SandboxError."""
    taken = Taken()
    for turn in range(1, rounds + 1):
        say(f"round {turn} of {rounds}: boot, deploy, restart, status")
        taken.boots.append(app_boot(world.plain))
        _deploys(world, taken)
        _restarts(world, taken)
        _short_tasks(world, taken)
    world.use_cluster()
    world.deploy()
    for turn in range(1, rounds + 1):
        say(f"round {turn} of {rounds}: deploy of two cluster workers")
        with load(world.ours) as seen:
            taken.cluster.deploys.append(world.deploy().seconds)
        taken.cluster.noticed(seen)
    return taken


def _deploys(world: World, taken: Taken) -> None:
    with load(world.ours) as seen:
        taken.steps.append(world.deploy())
    taken.ours.deploys.append(taken.steps[-1].seconds)
    taken.ours.noticed(seen)
    with load(world.plain) as seen:
        taken.plain.deploys.append(world.deploy_plainly())
    taken.plain.noticed(seen)


def _restarts(world: World, taken: Taken) -> None:
    _restart(taken.ours, world.ours, lambda: world.fab("restart"))
    _restart(taken.plain, world.plain, lambda: world.ssh(world.plain, plain.restart(world.plain)))


def _restart(side: Side, machine: Machine, work: Callable[[], object]) -> None:
    with load(machine) as seen:
        began = time.monotonic()
        work()
        side.restarts.append(time.monotonic() - began)
    side.healthy.append(healthy_after(seen.probes["health"], began))


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
