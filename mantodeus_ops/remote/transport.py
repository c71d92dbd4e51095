"""What a line to a machine must be able to do, whether it is a pipe or a network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mantodeus_ops.errors import UnreachableError

Sink = Callable[[bytes], None]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Exit:
    """How a program ended: its exit code, or -1 for a signal."""

    code: int


class ConnectionDropped(Exception):  # noqa: N818 - it is news for the layer above, not an error of its own
    """The line went away before the program's end was known."""


def longer_line(held: bytes, chunk: bytes) -> bytes:
    """Return what came of a line so far; raise TimeoutError for one that does not end."""
    if len(held) + len(chunk) > _LONGEST_LINE:
        raise TimeoutError
    return held + chunk


class Process(Protocol):
    """A program running at the other end."""

    def pump(self, out: Sink, err: Sink, timeout: float | None) -> Exit:
        """Hand over what it prints until it ends; raise ConnectionDropped or TimeoutError."""
        ...

    def readline(self, timeout: float) -> bytes:
        """Return the next line it prints; raise ConnectionDropped or TimeoutError."""
        ...

    def send(self, data: bytes) -> None:
        """Write to its standard input."""
        ...

    def close(self) -> None:
        """End its standard input and let go of it."""
        ...


class Transport(Protocol):
    """A way to one machine."""

    far: bool  # it may fall silent without a signal to either end

    def start(self, data: bytes, *, more: bool = False) -> Process:
        """Run the FRAME with this standard input, left open when more is to come."""
        ...

    def reconnect(self) -> None:
        """Make the line anew after it dropped; raise UnreachableError."""
        ...

    def close(self) -> None:
        """Let go of the machine."""
        ...


def reconnect_with_backoff(line: Transport, seconds: float) -> str:
    """Make a dropped line anew within this time; return why it stays down, or nothing."""
    if seconds <= 0:
        return "told not to reconnect"
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        try:
            line.reconnect()
        except UnreachableError as error:
            if time.monotonic() + pause > deadline:
                return error.message
        else:
            return ""
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
