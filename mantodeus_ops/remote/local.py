"""Local transport: runs programs as child processes of this machine."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from typing import IO

from mantodeus_ops.remote.shell import FRAME
from mantodeus_ops.remote.transport import Exit, LineReader, Sink

_CHUNK = 65536


def _start_directory() -> str:
    """Return the home directory, or / when it cannot be entered, as sshd does."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return home if os.path.isabs(home) and os.access(f"{home}/.", os.X_OK) else "/"  # noqa: PTH117


class LocalProcess:
    """A child process in a separate session, so that Ctrl-C does not reach it."""

    def __init__(self, data: bytes, *, more: bool) -> None:
        self._child = subprocess.Popen(
            ["/bin/sh", "-c", FRAME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_start_directory(),
            start_new_session=True,
        )
        self._lines = LineReader(self._receive)
        self.send(data)
        if not more:
            _close(self._child.stdin)

    def send(self, data: bytes) -> None:
        """Write to the program's stdin."""
        try:
            if self._child.stdin:
                self._child.stdin.write(data)
                self._child.stdin.flush()
        except BrokenPipeError:
            pass  # the program ended early; its exit code says why

    def pump(self, out: Sink, err: Sink, timeout: float | None) -> Exit:
        """Pass on the output until the program ends; raise TimeoutError."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with selectors.DefaultSelector() as waiting:
            for stream, sink in ((self._child.stdout, out), (self._child.stderr, err)):
                if stream:
                    waiting.register(stream, selectors.EVENT_READ, sink)
            while waiting.get_map():
                self._hand_over(waiting, deadline)
        return Exit(max(self._child.wait(), -1))

    def _hand_over(self, waiting: selectors.BaseSelector, deadline: float | None) -> None:
        remaining = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready = waiting.select(remaining)
        if not ready or remaining == 0:  # endless output also times out
            raise TimeoutError
        for key, _ in ready:
            chunk = os.read(key.fd, _CHUNK)
            if chunk:
                key.data(chunk)
            else:
                waiting.unregister(key.fileobj)

    def readline(self, timeout: float) -> bytes:
        """Return the next line of output; raise ConnectionDropped at its end, or TimeoutError."""
        return self._lines.readline(timeout)

    def _receive(self, timeout: float) -> bytes:
        stream = self._child.stdout
        if not stream:
            return b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(stream, selectors.EVENT_READ)
            if not waiting.select(timeout):
                raise TimeoutError
            return os.read(stream.fileno(), _CHUNK)

    def close(self) -> None:
        """Close the program's stdin and output; it ends by itself."""
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            _close(stream)
        self._child.poll()


def _close(stream: IO[bytes] | None) -> None:
    # Closing flushes the buffer, which fails when the program has ended.
    if stream:
        with contextlib.suppress(BrokenPipeError):
            stream.close()


class LocalTransport:
    """This machine."""

    far = False

    def start(self, data: bytes, *, more: bool = False) -> LocalProcess:
        """Run FRAME with this stdin, which stays open if `more` is set."""
        return LocalProcess(data, more=more)

    def reconnect(self) -> None:
        """Do nothing: local pipes cannot be lost."""

    def close(self) -> None:
        """Do nothing: there is no connection."""
