"""The line to another machine: channels of one Fabric connection."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Any

from paramiko.ssh_exception import SSHException

from mantodeus_ops.remote.shell import FRAME
from mantodeus_ops.remote.transport import ConnectionDropped, Exit, Sink, longer_line

if TYPE_CHECKING:
    from mantodeus_ops.remote.ssh.connection import PinnedConnection

_CHUNK = 65536


class RemoteProcess:
    """A program on a channel; bytes stay bytes, so that a follower can count them."""

    def __init__(self, channel: Any, data: bytes, *, more: bool) -> None:
        self._channel = channel
        self._held = b""
        self.send(data)
        if not more:
            channel.shutdown_write()

    def send(self, data: bytes) -> None:
        """Write to its standard input; raise ConnectionDropped."""
        try:
            self._channel.sendall(data)
        except OSError as error:
            raise ConnectionDropped from error

    def pump(self, out: Sink, err: Sink, timeout: float | None) -> Exit:
        """Hand over what it prints until it ends; raise ConnectionDropped or TimeoutError."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._hand_over(out, err):  # a piece at a time: who never ends is late, too
            left = 1.0 if deadline is None else deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            select.select([self._channel], [], [], min(left, 1.0))
        return self._exit()

    def _hand_over(self, out: Sink, err: Sink) -> bool:
        ended = self._channel.closed or self._channel.exit_status_ready()
        quiet = True
        if self._channel.recv_ready():
            quiet = False
            out(self._channel.recv(_CHUNK))
        if self._channel.recv_stderr_ready():
            quiet = False
            err(self._channel.recv_stderr(_CHUNK))
        over = self._channel.eof_received or self._channel.closed
        return bool(ended and quiet and over)

    def _exit(self) -> Exit:
        code = self._channel.recv_exit_status()
        transport = self._channel.get_transport()
        self._channel.close()
        # Of a line that drops, paramiko closes the channels a moment before it counts as dropped;
        # a host that closes one tells the end of the output first.
        known = self._channel.eof_received and transport and transport.is_active()
        if code == -1 and not known:
            raise ConnectionDropped
        return Exit(code)

    def readline(self, timeout: float) -> bytes:
        """Return the next line it prints; raise ConnectionDropped or TimeoutError."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._held:
            self._channel.settimeout(max(0.001, deadline - time.monotonic()))
            chunk = self._channel.recv(_CHUNK)
            if not chunk:
                raise ConnectionDropped
            self._held = longer_line(self._held, chunk)
        line, _, self._held = self._held.partition(b"\n")
        return line

    def close(self) -> None:
        """End its standard input and let go of it."""
        self._channel.close()


class RemoteLine:
    """One host over SSH: one connection, opened at the first use, closed at the end."""

    far = True

    def __init__(self, connection: PinnedConnection) -> None:
        self._connection = connection

    def start(self, data: bytes, *, more: bool = False) -> RemoteProcess:
        """Run the FRAME with this standard input, left open when more is to come."""
        try:
            channel = self._connection.channel()
            channel.exec_command(FRAME)
            return RemoteProcess(channel, data, more=more)
        except (OSError, EOFError, SSHException) as error:
            raise ConnectionDropped from error

    def reconnect(self) -> None:
        """Make the connection anew; raise UnreachableError."""
        self._connection.close()
        self._connection.open()

    def close(self) -> None:
        """Close the connection and its gateway's."""
        self._connection.close()
