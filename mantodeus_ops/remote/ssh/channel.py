"""SSH transport: runs programs in channels of one Fabric connection."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

from paramiko.channel import Channel
from paramiko.ssh_exception import SSHException

from mantodeus_ops.remote.shell import FRAME
from mantodeus_ops.remote.transport import ConnectionDropped, Exit, LineReader, Sink

if TYPE_CHECKING:
    from mantodeus_ops.remote.ssh.connection import PinnedConnection

_CHUNK = 65536


class RemoteProcess:
    """A program in a channel; its output stays bytes, so that offsets can be counted."""

    def __init__(self, channel: Channel, data: bytes, *, more: bool) -> None:
        self._channel = channel
        self._lines = LineReader(self._receive)
        self.send(data)
        if not more:
            channel.shutdown_write()

    def send(self, data: bytes) -> None:
        """Write to the program's stdin; raise ConnectionDropped."""
        try:
            self._channel.sendall(data)
        except OSError as error:
            raise ConnectionDropped from error

    def pump(self, out: Sink, err: Sink, timeout: float | None) -> Exit:
        """Pass on the output until the program ends; raise ConnectionDropped or TimeoutError."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._hand_over(
            out, err
        ):  # one chunk at a time, so that endless output also times out
            remaining = 1.0 if deadline is None else deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            select.select([self._channel], [], [], min(remaining, 1.0))
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
        # When a connection drops, paramiko closes its channels shortly before the transport;
        # a host that closes a channel sends EOF first.
        is_complete = self._channel.eof_received and transport and transport.is_active()
        if code == -1 and not is_complete:
            raise ConnectionDropped
        return Exit(code)

    def readline(self, timeout: float) -> bytes:
        """Return the next line of output; raise ConnectionDropped or TimeoutError."""
        return self._lines.readline(timeout)

    def _receive(self, timeout: float) -> bytes:
        self._channel.settimeout(max(0.001, timeout))  # with 0 it would not wait for data
        return self._channel.recv(_CHUNK)

    def close(self) -> None:
        """Close the program's stdin and the channel."""
        self._channel.close()


class SshTransport:
    """A host over SSH: one connection, opened at first use."""

    far = True

    def __init__(self, connection: PinnedConnection) -> None:
        self._connection = connection

    def start(self, data: bytes, *, more: bool = False) -> RemoteProcess:
        """Run FRAME with this stdin, which stays open if `more` is set."""
        try:
            channel = self._connection.channel()
            channel.exec_command(FRAME)
            return RemoteProcess(channel, data, more=more)
        except (OSError, EOFError, SSHException) as error:
            raise ConnectionDropped from error

    def reconnect(self) -> None:
        """Open a new connection; raise UnreachableError."""
        self._connection.close()
        self._connection.open()

    def close(self) -> None:
        """Close the connection and those of its gateways."""
        self._connection.close()
