"""The protocol of a transport, local or remote, and reconnecting with backoff."""

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
    """The end of a program: its exit code, or -1 for a signal."""

    code: int


class ConnectionDropped(Exception):  # noqa: N818 - a signal to the caller, which reconnects
    """The connection was lost before the program's end was known."""


class LineReader:
    """Cuts output into lines; what came after a line is kept for the next."""

    def __init__(self, receive: Callable[[float], bytes]) -> None:
        # Waits so many seconds; returns nothing at the end of the output, or raises TimeoutError.
        self._receive = receive
        self._begun = b""

    def readline(self, timeout: float) -> bytes:
        """Return the next line; raise ConnectionDropped at the end of the output, or TimeoutError.

        A line that is too long counts as one that does not end in time.
        """
        deadline = time.monotonic() + timeout
        while b"\n" not in self._begun:
            chunk = self._receive(max(0.0, deadline - time.monotonic()))
            if not chunk:
                raise ConnectionDropped
            if len(self._begun) + len(chunk) > _LONGEST_LINE:
                raise TimeoutError
            self._begun += chunk
        line, _, self._begun = self._begun.partition(b"\n")
        return line


class Process(Protocol):
    """A running program."""

    def pump(self, out: Sink, err: Sink, timeout: float | None) -> Exit:
        """Pass on the output until the program ends; raise ConnectionDropped or TimeoutError."""
        ...

    def readline(self, timeout: float) -> bytes:
        """Return the next line of output; raise ConnectionDropped or TimeoutError."""
        ...

    def send(self, data: bytes) -> None:
        """Write to the program's stdin."""
        ...

    def close(self) -> None:
        """Close the program's stdin and release it."""
        ...


class Transport(Protocol):
    """Runs programs on one machine."""

    far: bool  # whether the connection can be lost unnoticed

    def start(self, data: bytes, *, more: bool = False) -> Process:
        """Run FRAME with this stdin, which stays open if `more` is set."""
        ...

    def reconnect(self) -> None:
        """Open a new connection after a lost one; raise UnreachableError."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


def reconnect_with_backoff(transport: Transport, seconds: float) -> str:
    """Reconnect within this time, in seconds; return why it failed, or an empty string."""
    if seconds <= 0:
        return "reconnecting is switched off"
    deadline, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while True:
        try:
            transport.reconnect()
        except UnreachableError as error:
            if time.monotonic() + pause > deadline:
                return error.message
        else:
            return ""
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
