"""What was measured, before it becomes rows: what each way of doing it took, a value a round."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sandbox import Machine

from .load import Load
from .samples import Deploy, Numbers, Outage, healthy_after, outage
from .world import load

Answer = TypeVar("Answer")
Where = tuple[int, int]  # how many hosts, how many milliseconds away


@dataclass(slots=True)
class Watched:
    """One kind of change to a live app: the whole of it, and what requesters noticed."""

    seconds: list[float] = field(default_factory=list)
    healthy: list[float] = field(default_factory=list)
    outages: dict[str, list[Outage]] = field(default_factory=dict)

    def change(self, machine: Machine, work: Callable[[], Answer]) -> Answer:
        """Do work that starts a new process, and keep what it took; return what it returned."""
        with load(machine) as seen:
            began = time.monotonic()
            done = work()
            self.seconds.append(time.monotonic() - began)
        self.healthy.append(healthy_after(seen.probes["health"], began))
        self.noticed(seen)
        return done

    def noticed(self, seen: Load) -> None:
        """Keep what the requesters of one change noticed."""
        for name, probes in seen.probes.items():
            self.outages.setdefault(name, []).append(outage(probes))

    def failed(self, name: str) -> Numbers:
        """Return how many requests for this path failed."""
        return tuple(float(seen.failed) for seen in self.outages.get(name, ()))

    def spans(self, name: str) -> Numbers:
        """Return for how long nobody answered this path."""
        return tuple(seen.seconds for seen in self.outages.get(name, ()))


@dataclass(slots=True)
class Side:
    """What one way of doing it took."""

    deploy: Watched = field(default_factory=Watched)
    restart: Watched = field(default_factory=Watched)
    rollback: Watched = field(default_factory=Watched)
    short: dict[str, list[float]] = field(default_factory=dict)

    def keep(self, what: str, seconds: float) -> None:
        """Keep what a short command took."""
        self.short.setdefault(what, []).append(seconds)


@dataclass(slots=True)
class Flood:
    """What a flood of signed pushes took: all of them, the slowest of a hundred, the memory."""

    seconds: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)  # milliseconds, the 99th of a hundred
    memory: list[float] = field(default_factory=list)  # MB, at most


@dataclass(slots=True)
class Taken:
    """Everything that was measured; `big` says whether on as many files as real apps have."""

    big: bool = True
    failed: list[str] = field(default_factory=list)  # groups
    ours: Side = field(default_factory=Side)
    plain: Side = field(default_factory=Side)
    pm2: Side = field(default_factory=Side)
    cluster: Side = field(default_factory=Side)
    steps: list[Deploy] = field(default_factory=list)
    changed: list[Deploy] = field(default_factory=list)
    boots: list[float] = field(default_factory=list)
    restore: Watched = field(default_factory=Watched)
    extractions: list[float] = field(default_factory=list)
    backups: dict[str, list[float]] = field(default_factory=dict)
    tar: list[float] = field(default_factory=list)
    receiver: Flood = field(default_factory=Flood)
    debian: Flood = field(default_factory=Flood)
    crowds: dict[tuple[str, str], dict[Where, list[float]]] = field(default_factory=dict)

    def keep(self, what: str, who: str, where: Where, seconds: float) -> None:
        """Keep what somebody's task took on so many hosts, so far away."""
        self.crowds.setdefault((what, who), {}).setdefault(where, []).append(seconds)
