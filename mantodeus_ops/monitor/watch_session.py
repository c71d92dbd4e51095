"""Accumulates the samples of a watch and derives its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict

from mantodeus_ops.errors import UsageError
from mantodeus_ops.findings import RED
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.results import TaskResult

if TYPE_CHECKING:
    from mantodeus_ops.events import AppSample

_LONGEST_MINUTES = 24 * 60
Number = Literal["latency", "memory", "cpu", "restarts", "crashes"]
_LASTING = 3  # consecutive samples; a single one may be momentary
_MEGABYTE = 1_000_000


def parse_minutes(text: str) -> float:
    """Return a number of minutes in seconds; raise UsageError for anything else."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if 0 < minutes <= _LONGEST_MINUTES:
        return 60 * minutes
    raise UsageError(
        f"--minutes must be a number up to {_LONGEST_MINUTES}", "monitor.watch --minutes 10"
    )


class LostHealth(TypedDict):
    """When the health was lost, and why."""

    at: float
    reason: str


@dataclass(slots=True)
class WatchSession:
    """The samples of a watch, and their assessment so far."""

    samples: list[AppSample] = field(default_factory=list)
    lost: list[LostHealth] = field(default_factory=list)
    bad_in_a_row: int = 0
    worst_row: int = 0

    def take(self, sample: AppSample) -> str:
        """Remember a sample; return `health lost` or `health regained` when it turned, or nothing.

        An app that is unhealthy from the start loses its health with the first sample.
        """
        was = self.bad_in_a_row == 0
        self.samples.append(sample)
        self.bad_in_a_row = 0 if sample["healthy"] else self.bad_in_a_row + 1
        self.worst_row = max(self.worst_row, self.bad_in_a_row)
        if bool(sample["healthy"]) is was:
            return ""
        if sample["healthy"]:
            return "health regained"
        self.lost.append({"at": sample.get("at", 0.0), "reason": str(sample.get("reason", ""))})
        return "health lost"

    @property
    def lasting(self) -> bool:
        """Return whether the live version is bad: unhealthy until the end, or crashed."""
        return self.worst_row >= _LASTING or self.bad_in_a_row > 0 or self.crashes > 0

    @property
    def crashes(self) -> int:
        """Return the number of crashes during the watch."""
        return max(0, self._grown("crashes"))

    def report(self, verdict: str = "") -> TaskResult:
        """Return the result of the watch; exit code 7 when the app became unhealthy or crashed."""
        if not self.samples:
            return TaskResult("failed", {}, 1, "there are no samples of the app", "status")
        data = self._data() | ({"verdict": verdict} if verdict else {})
        if not self.lost and not self.crashes:
            return TaskResult("online", data)
        reason = self.lost[-1]["reason"] if self.lost else f"it crashed {self.crashes} times"
        ill = sum(not sample["healthy"] for sample in self.samples)
        text = f"unhealthy in {ill} of {len(self.samples)} samples: {reason}"
        return TaskResult("degraded", data, RED, text, "rollback" if self.lasting else "logs --err")

    def _data(self) -> JsonObject:
        memory = self._series("memory")
        return {
            "samples": len(self.samples),
            "unhealthy": sum(not sample["healthy"] for sample in self.samples),
            "lost": self.lost,
            "latency_ms": _spread([1000 * value for value in self._series("latency")]),
            "memory_mb": {
                "first": round(memory[0] / _MEGABYTE, 1),
                "last": round(memory[-1] / _MEGABYTE, 1),
                "most": round(max(memory) / _MEGABYTE, 1),
            },
            "cpu_percent": _spread(self._series("cpu")),
            "restarts": max(0, self._grown("restarts")),
            "crashes": self.crashes,
            "errors": sum(len(sample.get("errors", ())) for sample in self.samples),
        }

    def _series(self, name: Number) -> list[float]:
        return [float(sample.get(name) or 0.0) for sample in self.samples]

    def _grown(self, name: Number) -> int:
        series = self._series(name)
        return int(series[-1] - series[0]) if series else 0


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"median": round(ordered[len(ordered) // 2], 1), "most": round(ordered[-1], 1)}
