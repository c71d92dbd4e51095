"""The console that everything drawn goes through: its texts hold nothing that a terminal obeys."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.segment import Segment

from mantodeus_ops.text.sanitize import clean


class HarmlessConsole(Console):
    """A console that cleans each text on its way out; only its own colours and moves pass."""

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        return super()._render_buffer(map(_harmless, buffer))


def _harmless(segment: Segment) -> Segment:
    text, style, control = segment
    return segment if control else Segment(clean(text), style)
