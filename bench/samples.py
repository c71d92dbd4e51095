"""Measured values and what they say: medians, spread, ratios, bars, outages. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

Numbers = tuple[float, ...]
Held = Literal["ratio", "median", "worst"]
APP_STEPS = ("install", "build", "boot")


class BenchError(Exception):
    """A measurement could not be taken; the text says which command failed and how."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a row is held to: its ratio, its median or its worst value may not exceed the limit."""

    limit: float
    held: Held
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured: our values, the plain way's (if there is one), the bar."""

    what: str
    unit: str
    ours: Numbers
    plain: Numbers = ()
    bar: Bar | None = None

    @property
    def ratio(self) -> float | None:
        """Return our median over the plain way's; None when that is 0 or was not measured."""
        below = median(self.plain) if self.plain else 0.0
        return median(self.ours) / below if below and self.ours else None

    @property
    def met(self) -> bool | None:
        """Return whether the bar holds; None without a bar, values or a ratio that means much."""
        if not (self.bar and self.ours):
            return None
        seen = {"ratio": self.ratio, "median": median(self.ours), "worst": max(self.ours)}
        value = seen[self.bar.held]
        return None if value is None else value <= self.bar.limit

    def data(self) -> dict[str, Any]:
        """Return the row as JSON holds it."""
        bar = self.bar.text if self.bar else None
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": _data(self.ours),
            "plain": _data(self.plain),
            "ratio": self.ratio,
            "bar": bar,
            "met": self.met,
        }


def _data(values: Numbers) -> dict[str, Any] | None:
    if not values:
        return None
    return {
        "median": median(values),
        "min": min(values),
        "max": max(values),
        "values": list(values),
    }


@dataclass(frozen=True, slots=True)
class Probe:
    """One request: when it was sent and answered, whether well, and by which process if it says."""

    sent: float
    answered: float
    ok: bool
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Outage:
    """What requesters noticed: how many asked, how many failed, for how long none was answered."""

    asked: int
    failed: int
    seconds: float


def outage(probes: Iterable[Probe]) -> Outage:
    """Return the failures; a span lasts from its first failed request to the next good one."""
    ordered = sorted(probes, key=lambda probe: probe.sent)
    seconds, since = 0.0, None
    for probe in ordered:
        if not probe.ok and since is None:
            since = probe.sent
        elif probe.ok and since is not None:
            seconds, since = seconds + probe.sent - since, None
    if since is not None:
        seconds += ordered[-1].answered - since
    return Outage(len(ordered), sum(not probe.ok for probe in ordered), seconds)


def healthy_after(probes: Iterable[Probe], began: float) -> float:
    """Return the seconds until a new process answered; raise BenchError if none did."""
    ordered = sorted((probe for probe in probes if probe.ok), key=lambda probe: probe.answered)
    before = {probe.pid for probe in ordered if probe.answered < began}
    for probe in ordered:
        if probe.answered >= began and probe.pid not in before:
            return probe.answered - began
    raise BenchError("no new process answered the health path")


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deploy of ours: the whole command, and what it says its steps took."""

    seconds: float
    steps: Mapping[str, float]

    @classmethod
    def of(cls, seconds: float, answer: Mapping[str, Any]) -> Deploy:
        """Return the deploy that this answer of `--json` tells of."""
        steps: dict[str, float] = {}
        for step in answer["steps"]:
            steps[step["name"]] = steps.get(step["name"], 0.0) + step["seconds"]
        return cls(seconds, steps)

    @property
    def between(self) -> float:
        """Return what no step took: starting the client, connecting, lock, looking, pruning."""
        return self.seconds - sum(self.steps.values())

    def own(self, app_boot: float) -> float:
        """Return the seconds beyond install, build, boot test and the app's start at the end."""
        given = sum(self.steps.get(name, 0.0) for name in APP_STEPS)
        return self.seconds - given - app_boot

    def waited(self, app_boot: float) -> float:
        """Return the seconds for which the started app was watched, as health.wait says."""
        return max(0.0, self.steps.get("health", 0.0) - app_boot)


def step_rows(deploys: Sequence[Deploy]) -> list[Row]:
    """Return a row for each step of these deploys, in the order in which they ran."""
    if not deploys:
        return []
    names = dict.fromkeys(name for deploy in deploys for name in deploy.steps)
    rows = [
        Row(name, "s", tuple(deploy.steps.get(name, 0.0) for deploy in deploys)) for name in names
    ]
    outside = tuple(deploy.between for deploy in deploys)
    return [*rows, Row("between the steps", "s", outside)]
