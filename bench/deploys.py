"""Deploys beside the plain way and beside PM2's own, and what requesters notice of them."""

from __future__ import annotations

import subprocess
import time

from sandbox import Machine
from sandbox.machine import fetch
from sandbox.openssh import free_port

from . import plain
from .by_pm2 import deploy_by_pm2, machine_of_pm2
from .samples import BenchError
from .taken import Taken
from .tree import with_one_more
from .world import World, load

BOOT_SECONDS = 30
OK = 200


def deploys(world: World, taken: Taken) -> None:
    """Measure a deploy that leaves the dependencies alone, by each way."""
    with load(world.ours) as seen:
        taken.steps.append(world.deploy())
    taken.ours.deploy.seconds.append(taken.steps[-1].seconds)
    taken.ours.deploy.noticed(seen)
    with load(world.plain) as seen:
        taken.plain.deploy.seconds.append(world.deploy_plainly())
    taken.plain.deploy.noticed(seen)
    machine = machine_of_pm2(world)
    with load(machine) as seen:
        taken.pm2.deploy.seconds.append(deploy_by_pm2(world, machine))
    taken.pm2.deploy.noticed(seen)


def dependencies(world: World, taken: Taken) -> None:
    """Measure a deploy that changes one dependency: one more, or one less again."""
    files = with_one_more(world.box.origin.work)
    taken.changed.append(world.deploy(files))
    # Its newest release has the change of ours in it.
    taken.plain.keep("deploy", world.deploy_plainly())


def cluster(world: World, taken: Taken) -> None:
    """Measure what is noticed of a deploy of two cluster workers."""
    with world.clustered():
        world.deploy()
        with load(world.ours) as seen:
            taken.cluster.deploy.seconds.append(world.deploy().seconds)
        taken.cluster.deploy.noticed(seen)
    world.deploy()


def restarts(world: World, taken: Taken) -> None:
    """Measure a restart, ours and plainly."""
    taken.ours.restart.change(world.ours, lambda: world.fab("restart"))
    by_hand = plain.restart(world.plain)
    taken.plain.restart.change(world.plain, lambda: world.ssh(world.plain, by_hand))


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
