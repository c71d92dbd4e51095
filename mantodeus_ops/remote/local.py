"""The line to the machine we are on: pipes to a child of ours."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from typing import IO

from mantodeus_ops.remote.shell import FRAME
from mantodeus_ops.remote.transport import ConnectionDropped, Exit, Sink, longer_line

_CHUNK = 65536


def _start_directory() -> str:
    """Return the home, or the root where there is none to start in, as sshd does."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    return home if os.path.isabs(home) and os.access(f"{home}/.", os.X_OK) else "/"  # noqa: PTH117


class LocalProcess:
    """A child in a session of its own: a Ctrl-C at our terminal is for us to decide on."""

    def __init__(self, data: bytes, *, more: bool) -> None:
        self._child = subprocess.Popen(
            ["/bin/sh", "-c", FRAME],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_start_directory(),
            start_new_session=True,
        )
        self._held = b""
        self.send(data)
        if not more:
            _close(self._child.stdin)

    def send(self, data: bytes) -> None:
        """Write to its standard input."""
        try:
            if self._child.stdin:
                self._child.stdin.write(data)
                self._child.stdin.flush()
        except BrokenPipeError:
            pass  # it ended early; how is for its exit code to say

    def pump(self, out: Sink, err: Sink, timeout: float | None) -> Exit:
        """Hand over what it prints until it ends; raise TimeoutError."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with selectors.DefaultSelector() as waiting:
            for stream, sink in ((self._child.stdout, out), (self._child.stderr, err)):
                if stream:
                    waiting.register(stream, selectors.EVENT_READ, sink)
            while waiting.get_map():
                self._hand_over(waiting, deadline)
        return Exit(max(self._child.wait(), -1))

    def _hand_over(self, waiting: selectors.BaseSelector, deadline: float | None) -> None:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready = waiting.select(left)
        if not ready or left == 0:  # who never ends is late, too
            raise TimeoutError
        for key, _ in ready:
            chunk = os.read(key.fd, _CHUNK)
            if chunk:
                key.data(chunk)
            else:
                waiting.unregister(key.fileobj)

    def readline(self, timeout: float) -> bytes:
        """Return the next line it prints; raise ConnectionDropped when it ends, TimeoutError."""
        deadline = time.monotonic() + timeout
        stream = self._child.stdout
        with selectors.DefaultSelector() as waiting:
            if stream:
                waiting.register(stream, selectors.EVENT_READ)
            while b"\n" not in self._held:
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                chunk = os.read(stream.fileno(), _CHUNK) if stream else b""
                if not chunk:
                    raise ConnectionDropped
                self._held = longer_line(self._held, chunk)
        line, _, self._held = self._held.partition(b"\n")
        return line

    def close(self) -> None:
        """End its standard input and let go of it; it ends by itself."""
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            _close(stream)
        self._child.poll()


def _close(stream: IO[bytes] | None) -> None:
    # What an ended program did not read any more is still in the buffer, and is tried again here.
    if stream:
        with contextlib.suppress(BrokenPipeError):
            stream.close()


class LocalTransport:
    """This machine."""

    far = False

    def start(self, data: bytes, *, more: bool = False) -> LocalProcess:
        """Run the FRAME with this standard input, left open when more is to come."""
        return LocalProcess(data, more=more)

    def reconnect(self) -> None:
        """Do nothing: a pipe to ourselves does not drop."""

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
