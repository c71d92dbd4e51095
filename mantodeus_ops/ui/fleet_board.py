"""The live board of several hosts: a count, and a line per host."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from mantodeus_ops.events import Event, Step
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import human_whole
from mantodeus_ops.text.sanitize import one_line
from mantodeus_ops.ui.layout import words
from mantodeus_ops.ui.progress import TerminalProgress
from mantodeus_ops.ui.terminal import FRAMES_A_SECOND, LiveScreen, console, has_live_lines, turning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from rich.text import Text

_WIDEST_NAME = 24
_AROUND = 3  # lines of a screen that are not a host's
_SHOWN_FIRST = ("running", "failed", "done", "waiting")
_TONES = {"running": "cyan", "failed": "red", "done": "green", "waiting": "dim"}


def fleet_board(
    stream: TextIO, hosts: Sequence[str], env: Mapping[str, str] = os.environ
) -> FleetBoard | None:
    """Return a live board for these hosts; None on a terminal without live lines."""
    return FleetBoard(stream, hosts, env) if has_live_lines(stream, env) else None


@dataclass(slots=True)
class HostRow:
    """The state of one host on the board."""

    host: str
    state: str = "waiting"
    said: str = ""
    began: float = 0.0
    took: float = 0.0
    progress: HostProgress | None = None


class FleetBoard:
    """Draws the hosts on one live screen that goes when it is closed; notes stay above."""

    def __init__(
        self, stream: TextIO, hosts: Sequence[str], env: Mapping[str, str] = os.environ
    ) -> None:
        self.stream, self.env = stream, env
        self.console = console(stream, env)
        self._lines = {host: HostRow(host) for host in hosts}
        self._began = monotonic()
        self._asking = RLock()
        self._screen = LiveScreen(self.console, self.drawn, FRAMES_A_SECOND, transient=True)
        self._screen.start()

    def begun(self, host: str) -> HostProgress:
        """Return what shows this host's task; it begins now."""
        progress = HostProgress(self, host)
        line = self._lines[host]
        line.began, line.progress, line.state = monotonic(), progress, "running"
        return progress

    def ended(self, host: str, result: TaskResult) -> None:
        """Show the result of the task on this host."""
        line = self._lines[host]
        line.took += monotonic() - line.began
        line.said, line.progress = words(one_line(result.status)), None
        line.state = "failed" if result.exit_code else "done"

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Hide the board during this block."""
        with self._asking:
            self.close()
            try:
                yield
            finally:
                self._screen.start()

    def close(self) -> None:
        """Take the screen away and give the cursor back; safe to call twice."""
        self._screen.close()

    def drawn(self) -> RenderableType:
        """Return the screen as it looks now."""
        from rich.console import Group  # noqa: PLC0415 - costs 50 ms, needed by few commands
        from rich.text import Text  # noqa: PLC0415

        lines, now = list(self._lines.values()), monotonic()
        shown = _rows_that_fit(lines, max(1, self.console.height - _AROUND))
        width = min(_WIDEST_NAME, max(len(line.host) for line in lines))
        rows = [self._row(line, width, now) for line in shown]
        if hidden := len(lines) - len(shown):
            rows.append(Text(f"  … and {hidden} more", "dim"))
        return Group(Text(self._counted(now), "bold", no_wrap=True, overflow="ellipsis"), *rows)

    def _counted(self, now: float) -> str:
        """Return how many hosts have come how far."""
        of = Counter(line.state for line in self._lines.values())
        parts = [f"{of['done'] + of['failed']} of {len(self._lines)} done"]
        others = ("failed", "running", "waiting")
        parts += [f"{of[state]} {state}" for state in others if of[state]]
        return f"{', '.join(parts)}  {human_whole(now - self._began)}"

    def _row(self, line: HostRow, width: int, now: float) -> Text:
        from rich.text import Text  # noqa: PLC0415 - costs 50 ms, needed by few commands

        running, progress = line.state == "running", line.progress
        mark = {"running": turning(now), "failed": "✗", "done": "✓", "waiting": "·"}[line.state]
        step = progress.step if progress else line.said
        took = now - line.began if running else line.took
        more = progress.happening() if progress else []
        row = Text.assemble(
            (f"{mark} ", _TONES[line.state]),
            (f"{one_line(line.host)[:width]:<{width}}  ", "bold"),
            (f"{step[:12]:<12} ", "" if running else _TONES[line.state]),
            (f"{human_whole(took) if line.began else '':<9} ", "dim"),
            *more,
        )
        row.no_wrap, row.overflow = True, "ellipsis"
        return row


class HostProgress(TerminalProgress):
    """One host's task as a line of the board; only what must be kept is printed above it."""

    def __init__(self, board: FleetBoard, host: str) -> None:
        super().__init__(board.stream, host, label=True, env=board.env)
        self._console, self._board = board.console, board

    @property
    def step(self) -> str:
        """Return the step that runs now."""
        return self._step

    def happening(self) -> list[tuple[str, str]]:
        """Return how far the step is, or its newest line of output."""
        return self._happening()

    def emit(self, event: Event) -> None:
        """Show it; of the steps that ended, only those that failed leave lines."""
        status = event.status if isinstance(event, Step) else ""
        if status in {"", "started", "failed"}:
            super().emit(event)
        else:
            self._begin("")

    def ask(self, question: str) -> str:
        """Return what a person answers; the board and all other questions wait."""
        with self._board.silent():
            return super().ask(f"{self._prefix}{question}")


def _rows_that_fit(lines: Sequence[HostRow], room: int) -> list[HostRow]:
    """Return as many rows as fit, in order; running hosts have priority."""
    if len(lines) <= room:
        return list(lines)
    places = sorted(range(len(lines)), key=lambda at: _SHOWN_FIRST.index(lines[at].state))
    return [lines[at] for at in sorted(places[:room])]
