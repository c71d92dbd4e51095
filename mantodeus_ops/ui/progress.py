"""Progress of a running task: a live line per step on a terminal, else plain lines."""

from __future__ import annotations

import atexit
import os
import sys
from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TextIO

from mantodeus_ops import events
from mantodeus_ops.text.format import human_seconds, human_whole
from mantodeus_ops.text.sanitize import BLANKS, clean, one_line, trimmed
from mantodeus_ops.ui.app_output import AppOutput, Board
from mantodeus_ops.ui.line_buffer import LineBuffer
from mantodeus_ops.ui.plain_progress import PlainProgress
from mantodeus_ops.ui.terminal import (
    FRAMES_A_SECOND,
    MARKS,
    TONES,
    LiveScreen,
    answer,
    console,
    has_live_lines,
    turning,
    wrapped,
)
from mantodeus_ops.ui.transfer_meter import TransferMeter

if TYPE_CHECKING:
    from rich.text import Text

_FOLDED = 40  # lines of a failed step that are shown
_ROOM_FOR_A_BAR = 72  # columns
_NARROWEST = 20
_NOTES = {"warning": "yellow", "fail": "red"}


class Progress(events.Listener, Protocol):
    """A Listener that shows events until it is closed."""

    def close(self) -> None:
        """Restore the stream; safe to call at any time and twice."""


def progress(
    stream: TextIO,
    host: str,
    *,
    label: bool,
    env: Mapping[str, str] = os.environ,
    out: TextIO | None = None,
    board: Board | None = None,
) -> Progress:
    """Return the progress display of one host; label its lines when hosts share the stream.

    Lines of the app itself go to `out`, stdout by default, and samples to the shared board.
    """
    listener: TerminalProgress | PlainProgress = PlainProgress(stream, host)
    if has_live_lines(stream, env):
        listener = TerminalProgress(stream, host, label=label, env=env)
    listener.out, listener.board, listener.host_label = out, board, host if label else ""
    return listener


class TerminalProgress(AppOutput):
    """Shows the running step on one live line; output is folded away unless the step fails."""

    def __init__(
        self, stream: TextIO, host: str, *, label: bool, env: Mapping[str, str] = os.environ
    ) -> None:
        super().__init__(host)
        self._console = console(stream, env)
        self._prefix = f"{one_line(host)}  " if label else ""
        # Hosts that share a terminal must not use a live line.
        self._may_live = not label
        self._screen = LiveScreen(self._console, self._live_line, FRAMES_A_SECOND, transient=True)
        self._begin("")
        if self._may_live:
            atexit.register(self.close)

    def emit(self, event: events.Event) -> None:
        """Show what happened."""
        match event:
            case events.Step(step, "started"):
                self._start(step)
            case events.StepOutput(text):
                ended = self._lines.feed(text)
                self._count += len(ended)
                self._tail.extend(ended)
            case events.StepProgress(done, total):
                self._meter.hear(done, total, monotonic())
            case events.Step():
                self._finish(event)
            case events.Note(text):
                self._note(text)
            case events.WouldRun(command):
                self._print(("would run: ", "dim"), (clean(command).rstrip(BLANKS), ""))
            case _:
                super().emit(event)

    def _start(self, step: str) -> None:
        """Show the live line of this step."""
        self.close()
        self._begin(step)
        if self._may_live:
            self._screen.start()

    def _finish(self, end: events.Step) -> None:
        """Turn the live line into a lasting one, with the end of the output if it failed."""
        self.close()
        took = (
            human_seconds(end.seconds) if end.status in {"ok", "failed"} else one_line(end.status)
        )
        mark, tone = MARKS.get(end.status, "·"), TONES.get(end.status, "")
        self._print((f"{mark} ", tone), (f"{one_line(end.step):<12} ", ""), (took, "dim"))
        if end.status == "failed":
            self._unfold()
        self._begin("")

    def _note(self, text: str) -> None:
        """Show the text on separate lines."""
        room = max(_NARROWEST, self._console.width - len(self._prefix) - 2)
        for line in clean(text).rstrip(BLANKS).split("\n"):
            mark, colon, _ = line.partition(": ")
            marked = len(mark) if colon and mark in _NOTES else 0
            for piece in wrapped(line, room):
                self._print(
                    ("  ", ""), (piece[:marked], _NOTES.get(mark, "")), (piece[marked:], "")
                )
                marked = 0

    def ask(self, question: str) -> str:
        """Return the operator's answer; the live line is hidden meanwhile."""
        was_live = self._screen.shown
        self.close()
        reply = answer(self._console.file, question, sys.stdin)
        if was_live:
            self._screen.start()
        return reply

    def close(self) -> None:
        """Take the live line away and give the cursor back."""
        self._screen.close()

    def _begin(self, step: str) -> None:
        """Forget the previous step."""
        self._step, self._since = one_line(step), monotonic()
        self._lines, self._count, self._meter = LineBuffer(), 0, TransferMeter(self._since)
        self._tail: deque[str] = deque(maxlen=_FOLDED)

    def _live_line(self) -> Text:
        """Return the live line as it looks now."""
        elapsed = monotonic() - self._since
        text = _text(
            (f"{turning(elapsed)} ", "cyan"),
            (f"{self._step:<12} ", ""),
            (f"{human_whole(elapsed):<8} ", "dim"),
            *self._happening(),
        )
        text.no_wrap, text.overflow = True, "ellipsis"
        return text

    def _happening(self) -> list[tuple[str, str]]:
        """Return the progress of the step, or its newest line of output."""
        meter = self._meter
        if not meter.amount:
            return [(one_line(self._newest()), "dim")]
        full, empty = meter.bar() if self._console.width >= _ROOM_FOR_A_BAR else ("", "")
        progress = "  ".join(filter(None, (meter.amount, meter.rate(monotonic()))))
        return [(full, "cyan"), (f"{empty}  " if full + empty else "", "dim"), (progress, "")]

    def _newest(self) -> str:
        """Return the newest non-empty line of output."""
        # A copy, as the refreshing thread reads while the output comes in.
        lines = [*self._tail.copy(), self._lines.current]
        return next((line for line in reversed(lines) if trimmed(line)), "")

    def _unfold(self) -> None:
        """Print the end of the failed step's output."""
        self._count += len(rest := self._lines.close())
        self._tail.extend(rest)
        hidden = self._count - len(self._tail)
        lines = [f"… {hidden} more lines above"] * bool(hidden) + list(self._tail)
        if lines:
            self._print(("\n".join(f"  │ {line}" for line in lines), "dim"))

    def _print(self, *parts: tuple[str, str]) -> None:
        """Print one text in one piece, every line of it labelled."""
        text = _text(*parts)
        lines = [_text((self._prefix, "bold"), line) for line in text.split("\n")]
        self._console.print(_text("\n").join(lines), soft_wrap=True)


def _text(*parts: str | Text | tuple[str, str]) -> Text:
    """Return these parts, each with its style, as one rich text; nothing in them is markup."""
    from rich.text import Text  # noqa: PLC0415 - costs 50 ms, needed by few commands

    return Text.assemble(*parts)
