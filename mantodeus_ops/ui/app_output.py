"""What the app itself says and does while it is watched: its lines, and samples of its state."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

from mantodeus_ops.text.sanitize import clean, one_line
from mantodeus_ops.ui.terminal import SafeStream


class Board(Protocol):
    """A screen that several hosts share."""

    def hear(self, host: str, sample: Mapping[str, Any]) -> None:
        """Show what was seen of the app on this host."""

    def close(self) -> None:
        """Leave the stream as it was found; safe to call twice."""


class AppOutput:
    """The part of a Progress that passes on lines of the app, on stdout unless that is JSON's."""

    out: TextIO | None = None
    host_label = ""
    board: Board | None = None

    def line(self, source: str, text: str) -> None:
        """Write a line of the app's in one piece, under the labels that tell it from others."""
        label = " ".join(filter(None, (one_line(self.host_label), one_line(source))))
        harmless = clean(text).replace("\n", " ")
        SafeStream(self.out or sys.stdout).write(
            f"{label} | {harmless}\n" if label else f"{harmless}\n"
        )

    def sample(self, host: str, seen: Mapping[str, Any]) -> None:
        """Show a sample on the shared screen, when there is one."""
        if self.board:
            self.board.hear(host, seen)
