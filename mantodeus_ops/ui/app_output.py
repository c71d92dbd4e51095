"""Shows log lines and samples of the app."""

from __future__ import annotations

import sys
from typing import Protocol, TextIO

from mantodeus_ops.events import AppLine, AppSample, Event, Sample
from mantodeus_ops.text.sanitize import clean, one_line
from mantodeus_ops.ui.terminal import SafeStream


class Board(Protocol):
    """A screen that several hosts share."""

    def hear(self, host: str, sample: AppSample) -> None:
        """Show a sample of the app on this host."""

    def close(self) -> None:
        """Restore the stream; safe to call twice."""


class AppOutput:
    """The part of a Progress that passes on lines of the app, on stdout unless that is JSON's."""

    out: TextIO | None = None
    host_label = ""
    board: Board | None = None

    def __init__(self, host: str) -> None:
        self._host = host

    def emit(self, event: Event) -> None:
        """Write a line of the app; show a sample on the shared screen, when there is one."""
        if isinstance(event, AppLine):
            self._app_line(event)
        elif isinstance(event, Sample) and self.board:
            self.board.hear(self._host, event.seen)

    def _app_line(self, line: AppLine) -> None:
        """Write it in one piece, under the labels that tell it from others."""
        label = " ".join(filter(None, (one_line(self.host_label), one_line(line.source))))
        harmless = clean(line.text).replace("\n", " ")
        SafeStream(self.out or sys.stdout).write(
            f"{label} | {harmless}\n" if label else f"{harmless}\n"
        )
