"""Opens a local or an SSH transport for a host, and keeps it for the run."""

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
_MOST_LEFT_OPEN = 50  # connections left open for the next task; each needs a thread and a socket


class ConnectionPool:
    """The connections of a run: one per host, opened at first use, closed at the end."""

    def __init__(self, inventory: Inventory, *, local: bool) -> None:
        self._inventory = inventory
        self.here = local
        self._transports: dict[str, Transport] = {}
        self._left_open: set[str] = set()
        self._lock = Lock()
        self._stopped = Event()

    def host(self, spec: HostSpec, options: Options, events: Listener) -> Host:
        """Return the host, on its open connection if there is one."""
        with self._lock:
            transport = self._transports.get(spec.name) or self._open_transport(spec)
            self._transports[spec.name] = transport
        host = Host(spec, transport, options, events, self._target(spec))
        host.stopped = self._stopped
        return host

    def leave(self, spec: HostSpec) -> None:
        """Close the host's connection, unless few are open and the next task can use it."""
        with self._lock:
            if len(self._left_open) < _MOST_LEFT_OPEN or spec.name in self._left_open:
                self._left_open.add(spec.name)
                return
            transport = self._transports.pop(spec.name, None)
        if transport:
            transport.close()

    def stop(self) -> None:
        """Make tasks that only watch end soon."""
        self._stopped.set()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            transports = list(self._transports.values())
            self._transports.clear()
            self._left_open.clear()
        for transport in transports:
            transport.close()

    def _target(self, spec: HostSpec) -> SshTarget | None:
        return None if self.here or spec.is_local else resolve_target(self._inventory, spec)

    def _open_transport(self, spec: HostSpec) -> Transport:
        target = self._target(spec)
        return ssh_transport(target) if target else LocalTransport()


def ssh_transport(target: SshTarget, *login: Login) -> Transport:
    """Return an SSH transport, opened at first use; by default it logs in with the identity."""
    from mantodeus_ops.remote.ssh.channel import SshTransport  # noqa: PLC0415
    from mantodeus_ops.remote.ssh.connection import PinnedConnection  # noqa: PLC0415 - Fabric costs 100 ms, inv needs none of it

    return SshTransport(PinnedConnection(target, *login))


@contextmanager
def connect_as(host: Host, target: SshTarget, *login: Login) -> Iterator[Host]:
    """Yield the host connected by another target or login, for this block."""
    transport = ssh_transport(target, *login)
    try:
        yield Host(target.spec, transport, host.options, host.events, target)
    finally:
        transport.close()


@dataclass(frozen=True, slots=True)
class FreshLogin:
    """Facts about a login: seconds taken, host key, and the server's version."""

    seconds: float
    fingerprint: str
    server: str


@contextmanager
def fresh_login(host: Host, target: SshTarget) -> Iterator[tuple[Host, FreshLogin]]:
    """Yield the host over a new login, with facts about it; raise UnreachableError."""
    from mantodeus_ops.remote.ssh.channel import SshTransport  # noqa: PLC0415
    from mantodeus_ops.remote.ssh.connection import PinnedConnection  # noqa: PLC0415 - as above
    from mantodeus_ops.remote.ssh.host_keys import fingerprint  # noqa: PLC0415

    connection, began = PinnedConnection(target), time.monotonic()
    try:
        connection.open()
        took, transport = time.monotonic() - began, connection.transport
        login = FreshLogin(
            took, fingerprint(transport.get_remote_server_key()), transport.remote_version
        )
        yield Host(target.spec, SshTransport(connection), host.options, host.events, target), login
    finally:
        connection.close()


def accepts_key(target: SshTarget) -> bool:
    """Return whether the host accepts this target's key; raise for other failures."""
    from mantodeus_ops.remote.ssh.connection import PinnedConnection  # noqa: PLC0415 - as above

    connection = PinnedConnection(target)
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
    """Return for how many seconds to reconnect after a lost connection: OPS_RECONNECT."""
    try:
        return max(0.0, float(os.environ.get("OPS_RECONNECT", _RECONNECT_SECONDS)))
    except ValueError:
        return _RECONNECT_SECONDS


def ssh_target(host: Host) -> SshTarget:
    """Return the host's SSH target; raise UsageError for this machine."""
    if host.target is None:
        reason = "under inv" if host.options.here else 'with address = "local"'
        raise UsageError(
            f"{host.name} is this machine {reason}: no SSH is used", "fab -H NAME ssh.check"
        )
    return host.target
