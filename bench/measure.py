"""The measurements: ours and the others in turn, so that all meet the same noise."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from subprocess import TimeoutExpired

from sandbox import SandboxError

from .backups import backups
from .deploys import app_boot, cluster, dependencies, deploys, restarts
from .floods import floods
from .probes import probes
from .rollbacks import rollbacks
from .samples import BenchError
from .short import settings, starts, statuses
from .taken import Taken
from .world import World

# In each round, one after the other.
GROUPS: dict[str, Callable[[World, Taken], None]] = {
    "deploy": deploys,
    "restart": restarts,
    "rollback": rollbacks,
    "start": starts,
    "status": statuses,
    "env": settings,
    "backup": backups,
    "dependencies": dependencies,
    "cluster": cluster,
    "webhook": floods,
    "fleet": probes,
}
HELD_TO_A_BOOT = frozenset({"deploy", "restart", "rollback"})
ON_MANY_FILES = frozenset({"deploy", "restart", "rollback", "backup", "dependencies", "cluster"})


def measure(
    world: World,
    names: Collection[str],
    rounds: int,
    until: float,
    say: Callable[[str], None],
) -> Taken:
    """Return what these groups measure; one that fails is told of and not tried again.

    After the first round, a group is left out when it would not end until then, by the clock of
    time.monotonic.
    """
    taken, took = Taken(big=world.big), dict.fromkeys(GROUPS, 0.0)
    for turn, name in ((turn, name) for turn in range(rounds) for name in GROUPS if name in names):
        began = time.monotonic()
        if name in taken.failed or (turn and began + took[name] > until):
            continue
        say(f"round {turn + 1} of {rounds}: {name}")
        try:
            _once(world, taken, name)
        except (BenchError, SandboxError, TimeoutExpired) as error:
            say(f"{name} failed: {error}")
            taken.failed.append(name)
        took[name] = time.monotonic() - began
    return taken


def _once(world: World, taken: Taken, name: str) -> None:
    if name in HELD_TO_A_BOOT:
        taken.boots.append(app_boot(world.plain))
    GROUPS[name](world, taken)
