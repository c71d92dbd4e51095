"""The screen that several hosts share while they are watched: a line each, drawn as it grows."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from mantodeus_ops.events import AppSample
from mantodeus_ops.text.format import human_seconds
from mantodeus_ops.text.sanitize import one_line
from mantodeus_ops.ui.app_output import Board
from mantodeus_ops.ui.terminal import LiveScreen, SafeStream, console, has_live_lines

if TYPE_CHECKING:
    from rich.console import RenderableType

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 24  # samples that a line of bars shows
_WORDS, _CHARTS = 76, 4  # columns that a row's words take, and how many charts share the rest
_FRAMES_A_SECOND = 4
_NEWEST = 8  # lines of errors below the table
_TITLES = ("host", "health", "latency", "memory", "cpu", "restarts", "left")


def board(stream: TextIO, env: Mapping[str, str] = os.environ) -> Board:
    """Return a live screen on a terminal, and a line now and then anywhere else."""
    return LiveBoard(stream, env) if has_live_lines(stream, env) else PlainBoard(stream)


def bars(values: list[float], width: int = _WIDTH) -> str:
    """Return the newest values as bars from nothing to the largest of them."""
    shown = values[-width:]
    top = max(shown, default=0.0) or 1.0
    return "".join(_BARS[min(7, int(8 * value / top))] for value in shown)


@dataclass(slots=True)
class SampleSeries:
    """What was seen of one host."""

    healthy: bool = False
    reason: str = ""
    left: float = 0.0
    latency: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    restarts: list[float] = field(default_factory=list)

    def take(self, sample: AppSample) -> None:
        """Remember the sample."""
        self.healthy, self.left = sample["healthy"], sample["left"]
        self.reason = sample.get("reason", "unknown")
        self.latency.append(sample["latency"])
        self.memory.append(sample["memory"])
        self.cpu.append(sample["cpu"])
        self.restarts.append(sample["restarts"])
        for series in (self.latency, self.memory, self.cpu, self.restarts):
            del series[:-_WIDTH]

    def cells(self, width: int = _WIDTH) -> tuple[str, ...]:
        """Return the words of a row, and bars of this width."""
        grown = [value - self.restarts[0] for value in self.restarts]
        return (
            "healthy" if self.healthy and self.reason != "not asked" else one_line(self.reason),
            f"{bars(self.latency, width)} {1000 * self.latency[-1]:.0f} ms",
            f"{bars(self.memory, width)} {self.memory[-1] / 1_000_000:.0f} MB",
            f"{bars(self.cpu, width)} {self.cpu[-1]:.0f} %",
            f"{bars(grown, width)} {self.restarts[-1]:.0f}",
            human_seconds(self.left),
        )


class PlainBoard:
    """Writes a line when the health of a host changes, and each error as it comes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = SafeStream(stream)
        self._last: dict[str, object] = {}
        self._said: dict[str, float] = {}

    def hear(self, host: str, sample: AppSample) -> None:
        """Write what is new."""
        name = one_line(host)
        for line in sample["errors"]:
            self._stream.write(f"[{name}] error | {one_line(line)}\n")
        remaining = sample["left"]
        if self._last.get(host) == sample["healthy"] and self._said[host] - remaining < 60:  # noqa: PLR2004 - a minute
            return
        self._last[host], self._said[host] = sample["healthy"], remaining
        trace = SampleSeries()
        trace.take(sample)
        health, latency, memory, cpu, restarts, rest = (
            cell.strip(f" {_BARS}") for cell in trace.cells()
        )
        text = f"{health}, {latency}, {memory}, cpu {cpu}, {restarts} restarts, {rest} left"
        self._stream.write(f"[{name}] {text}\n")

    def close(self) -> None:
        """Do nothing: each line is written."""


class LiveBoard:
    """Draws all hosts on one live screen, with the newest errors below; the last state stays."""

    def __init__(self, stream: TextIO, env: Mapping[str, str] = os.environ) -> None:
        self._console = console(stream, env)
        self._traces: dict[str, SampleSeries] = {}
        self._errors: deque[tuple[str, str]] = deque(maxlen=_NEWEST)
        self._lock = Lock()
        self._screen = LiveScreen(self._console, self.drawn, _FRAMES_A_SECOND, transient=False)

    def hear(self, host: str, sample: AppSample) -> None:
        """Take a sample in, and draw it soon."""
        with self._lock:
            self._traces.setdefault(host, SampleSeries()).take(sample)
            self._errors.extend((host, one_line(line)) for line in sample["errors"])
        self._screen.start()

    def close(self) -> None:
        """Leave the last state on the screen and give the cursor back."""
        self._screen.close()

    def drawn(self) -> RenderableType:
        """Return the screen as it looks now."""
        from rich.console import Group  # noqa: PLC0415 - costs 50 ms, needed by few commands
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for title in _TITLES:
            table.add_column(title, no_wrap=title != "health", overflow="ellipsis")
        room = max(4, min(_WIDTH, (self._console.width - _WORDS) // _CHARTS))
        for host, trace in list(self._traces.items()):
            health, *rest = trace.cells(room)
            tone = "green" if trace.healthy else "red"
            table.add_row(Text(one_line(host), "bold"), Text(health, tone), *map(Text, rest))
        errors = [
            Text(f"{host} | {line}", "red", no_wrap=True) for host, line in list(self._errors)
        ]
        return Group(table, *errors)
