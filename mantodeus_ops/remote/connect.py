"""Knows local from SSH; nothing else does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING

from mantodeus_ops.errors import IdentityError, LoginRefusedError, UsageError
from mantodeus_ops.events import Listener
from mantodeus_ops.inventory.parse import HostSpec, Inventory
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.ssh.target import SshTarget, resolve_target
from mantodeus_ops.remote.transport import Transport

if TYPE_CHECKING:
    from mantodeus_ops.remote.host import Host

if TYPE_CHECKING:
    from mantodeus_ops.remote.ssh.connection import Login

_RECONNECT_SECONDS = 60.0
_KEPT = (
    50  # lines that stay open for the next task: each is a thread, a socket and what belongs to it
)


class ConnectionPool:
    """The lines of one run: one for each host, opened at the first use, closed at the end."""

    def __init__(self, inventory: Inventory, *, local: bool) -> None:
        self._inventory = inventory
        self.here = local
        self._lines: dict[str, Transport] = {}
        self._kept: set[str] = set()
        self._lock = Lock()
        self._stopped = Event()

    def host(self, spec: HostSpec, options: Options, events: Listener) -> Host:
        """Return the host, on the line that it already has."""
        with self._lock:
            line = self._lines.get(spec.name) or self._line(spec)
            self._lines[spec.name] = line
        host = Host(spec, line, options, events, self._way(spec))
        host.stopped = self._stopped
        return host

    def leave(self, spec: HostSpec) -> None:
        """Close the host's line, unless there are so few that the next task may find it open."""
        with self._lock:
            if len(self._kept) < _KEPT or spec.name in self._kept:
                self._kept.add(spec.name)
                return
            line = self._lines.pop(spec.name, None)
        if line:
            line.close()

    def stop(self) -> None:
        """Have every task that only watches end by itself, soon."""
        self._stopped.set()

    def close(self) -> None:
        """Close every line."""
        with self._lock:
            lines = list(self._lines.values())
            self._lines.clear()
            self._kept.clear()
        for line in lines:
            line.close()

    def _way(self, spec: HostSpec) -> SshTarget | None:
        return None if self.here or spec.is_local else resolve_target(self._inventory, spec)

    def _line(self, spec: HostSpec) -> Transport:
        way = self._way(spec)
        return ssh_transport(way) if way else LocalTransport()


def ssh_transport(way: SshTarget, *login: Login) -> Transport:
    """Return a line over SSH, which is opened at the first use; by default with the identity."""
    from mantodeus_ops.remote.ssh.channel import RemoteLine  # noqa: PLC0415
    from mantodeus_ops.remote.ssh.connection import PinnedConnection  # noqa: PLC0415 - Fabric costs 100 ms, inv needs none of it

    return RemoteLine(PinnedConnection(way, *login))


@contextmanager
def connect_as(host: Host, way: SshTarget, *login: Login) -> Iterator[Host]:
    """Yield a host entered by another way or login than its own, for the time of the block."""
    line = ssh_transport(way, *login)
    try:
        yield Host(way.spec, line, host.options, host.events, way)
    finally:
        line.close()


@dataclass(frozen=True, slots=True)
class FreshLogin:
    """What a login showed: the seconds it took, the host's key, what its server calls itself."""

    seconds: float
    fingerprint: str
    server: str


@contextmanager
def fresh_login(host: Host, way: SshTarget) -> Iterator[tuple[Host, FreshLogin]]:
    """Yield a host after a login of its own, and how that was; raise UnreachableError."""
    from mantodeus_ops.remote.ssh.channel import RemoteLine  # noqa: PLC0415
    from mantodeus_ops.remote.ssh.connection import PinnedConnection  # noqa: PLC0415 - as above
    from mantodeus_ops.remote.ssh.host_keys import fingerprint  # noqa: PLC0415

    connection, began = PinnedConnection(way), time.monotonic()
    try:
        connection.open()
        took, transport = time.monotonic() - began, connection.transport
        arrival = FreshLogin(
            took, fingerprint(transport.get_remote_server_key()), transport.remote_version
        )
        yield Host(way.spec, RemoteLine(connection), host.options, host.events, way), arrival
    finally:
        connection.close()


def accepts_key(way: SshTarget) -> bool:
    """Return whether a fresh login with this way's key alone succeeds; raise for another reason."""
    from mantodeus_ops.remote.ssh.connection import PinnedConnection  # noqa: PLC0415 - as above

    connection = PinnedConnection(way)
    try:
        connection.open()
    except IdentityError:
        raise
    except LoginRefusedError:
        return False
    else:
        return True
    finally:
        connection.close()


def reconnect_seconds() -> float:
    """Return for how long a dropped line is dialled again: OPS_RECONNECT, in seconds."""
    try:
        return max(0.0, float(os.environ.get("OPS_RECONNECT", _RECONNECT_SECONDS)))
    except ValueError:
        return _RECONNECT_SECONDS


def ssh_target(host: Host) -> SshTarget:
    """Return the host's way; raise UsageError for this machine, which no SSH leads to."""
    if host.target is None:
        door = "under inv" if host.options.here else 'with address = "local"'
        raise UsageError(
            f"{host.name} is this machine {door}: no SSH is used", "fab -H NAME ssh.check"
        )
    return host.target
