"""Progress as plain log lines, each labelled with its host."""

from __future__ import annotations

import sys
from threading import Lock
from time import monotonic
from typing import TextIO

from mantodeus_ops import events
from mantodeus_ops.text.format import human_seconds, human_whole
from mantodeus_ops.text.sanitize import BLANKS, clean, one_line
from mantodeus_ops.ui.app_output import AppOutput
from mantodeus_ops.ui.line_buffer import LineBuffer
from mantodeus_ops.ui.terminal import SafeStream, answer
from mantodeus_ops.ui.ticker import PULSE
from mantodeus_ops.ui.transfer_meter import TransferMeter

_QUIET = 10.0  # seconds without a line, after which a step gets one


class PlainProgress(AppOutput):
    """Writes `[host] …` lines: each step, and all of its output, without control characters."""

    def __init__(self, stream: TextIO, host: str) -> None:
        super().__init__(host)
        self._stream = SafeStream(stream)
        self._prefix = f"[{one_line(host)}]"
        self._lines = LineBuffer()
        self._guard, self._wrote = Lock(), 0.0
        self._begin("")

    def emit(self, event: events.Event) -> None:
        """Write what happened."""
        match event:
            case events.Step(step, "started"):
                self._start(step)
            case events.StepOutput(text):
                self._write(*(f"  {line}" for line in self._lines.feed(text)))
            case events.StepProgress(done, total):
                now = monotonic()
                self._meter.hear(done, total, now)
                self._tell(now)  # from time to time, to show that the step is running
            case events.Step():
                self._finish(event)
            case events.Note(text):
                self._write(*clean(text).removesuffix("\n").split("\n"))
            case events.WouldRun(command):
                self._write(*f"would run: {clean(command)}".removesuffix("\n").split("\n"))
            case _:
                super().emit(event)

    def _start(self, step: str) -> None:
        self._begin(step)
        self._write(f"{self._step} ...")
        PULSE.start(self._live)

    def _live(self) -> None:
        """Report a step without output for a while, such as an install."""
        now = monotonic()
        if now - self._wrote >= _QUIET:
            self._tell(now)

    def _tell(self, now: float) -> None:
        with self._guard:
            meter, due = self._meter, self._meter.line_is_due(now)
        if due:
            progress = ", ".join(filter(None, (meter.share, meter.amount, meter.rate(now))))
            self._write(f"{self._step} {progress or f'goes on, {human_whole(now - self._since)}'}")

    def _finish(self, end: events.Step) -> None:
        """Write the rest of the output, and how the step ended."""
        PULSE.stop(self._live)
        rest = [f"  {line}" for line in self._lines.close()]
        took = human_seconds(end.seconds)
        self._write(*rest, f"{one_line(end.step)} {one_line(end.status)} ({took})")

    def ask(self, question: str) -> str:
        """Return what a person answers; empty without a terminal."""
        return answer(self._stream, question, sys.stdin)

    def close(self) -> None:
        """Write what is left of an output that never ended."""
        PULSE.stop(self._live)
        self._write(*(f"  {line}" for line in self._lines.close()))

    def _begin(self, step: str) -> None:
        self._step, self._since = one_line(step), monotonic()
        self._meter = TransferMeter(self._since)

    def _write(self, *lines: str) -> None:
        """Write these lines in one piece, so that hosts do not mix inside a line."""
        text = "".join(f"{self._prefix} {line}".rstrip(BLANKS) + "\n" for line in lines)
        if text:
            self._wrote = monotonic()
            self._stream.write(text)
