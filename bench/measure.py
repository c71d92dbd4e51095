"""The measurements: ours and the others in turn, so that all meet the same noise."""

from __future__ import annotations

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

Measure = Callable[[World, Taken], None]

# In each round, one after the other.
IN_TURN: dict[str, Measure] = {
    "deploy": deploys,
    "restart": restarts,
    "rollback": rollbacks,
    "start": starts,
    "status": statuses,
    "backup": backups,
}
# All rounds of each, when those have ended: what they leave would be noticed there.
BY_ITSELF: dict[str, Measure] = {
    "env": settings,
    "dependencies": dependencies,
    "fleet": probes,
    "cluster": cluster,
    "webhook": floods,
}
GROUPS = (*IN_TURN, *BY_ITSELF)
HELD_TO_A_BOOT = frozenset({"deploy", "restart", "rollback"})
ON_MANY_FILES = frozenset({"deploy", "restart", "rollback", "backup", "dependencies", "cluster"})


def measure(world: World, names: Collection[str], rounds: int, say: Callable[[str], None]) -> Taken:
    """Return what these groups measure over the rounds; what fails is said, and not tried again."""
    taken = Taken(big=world.big)
    every = [(name, turn) for turn in range(rounds) for name in IN_TURN]
    every += [(name, turn) for name in BY_ITSELF for turn in range(rounds)]
    for name, turn in every:
        if name in names and name not in taken.failed:
            say(f"round {turn + 1} of {rounds}: {name}")
            try:
                _once(world, taken, name)
            except (BenchError, SandboxError, TimeoutExpired) as error:
                say(f"{name} failed: {error}")
                taken.failed.append(name)
    return taken


def _once(world: World, taken: Taken, name: str) -> None:
    if name in HELD_TO_A_BOOT:
        taken.boots.append(app_boot(world.plain))
    (IN_TURN | BY_ITSELF)[name](world, taken)
