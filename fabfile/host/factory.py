"""Knows local from SSH; nothing else does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING

from ..pure.errors import IdentityError, LoginRefusedError
from ..pure.events import Listener
from ..pure.inventory import HostSpec, Inventory
from ..pure.options import Options
from .door import Host
from .line import Line
from .local import LocalLine
from .way import Way, way_of

if TYPE_CHECKING:
    from .connection import Login

_RECONNECT_SECONDS = 60.0
_KEPT = (
    50  # lines that stay open for the next task: each is a thread, a socket and what belongs to it
)


class Doors:
    """The lines of one run: one for each host, opened at the first use, closed at the end."""

    def __init__(self, inventory: Inventory, *, local: bool) -> None:
        self._inventory = inventory
        self.here = local
        self._lines: dict[str, Line] = {}
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

    def _way(self, spec: HostSpec) -> Way | None:
        return None if self.here or spec.is_local else way_of(self._inventory, spec)

    def _line(self, spec: HostSpec) -> Line:
        way = self._way(spec)
        return ssh_line(way) if way else LocalLine()


def ssh_line(way: Way, *login: Login) -> Line:
    """Return a line over SSH, which is opened at the first use; by default with the identity."""
    from .connection import PinnedConnection  # noqa: PLC0415 - Fabric costs 100 ms, inv needs none of it
    from .remote import RemoteLine  # noqa: PLC0415

    return RemoteLine(PinnedConnection(way, *login))


@contextmanager
def entered(host: Host, way: Way, *login: Login) -> Iterator[Host]:
    """Yield a host entered by another way or login than its own, for the time of the block."""
    line = ssh_line(way, *login)
    try:
        yield Host(way.spec, line, host.options, host.events, way)
    finally:
        line.close()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a login showed: the seconds it took, the host's key, what its server calls itself."""

    seconds: float
    fingerprint: str
    server: str


@contextmanager
def arrived(host: Host, way: Way) -> Iterator[tuple[Host, Arrival]]:
    """Yield a host after a login of its own, and how that was; raise UnreachableError."""
    from .connection import PinnedConnection  # noqa: PLC0415 - as above
    from .pins import fingerprint  # noqa: PLC0415
    from .remote import RemoteLine  # noqa: PLC0415

    connection, began = PinnedConnection(way), time.monotonic()
    try:
        connection.open()
        took, transport = time.monotonic() - began, connection.transport
        arrival = Arrival(
            took, fingerprint(transport.get_remote_server_key()), transport.remote_version
        )
        yield Host(way.spec, RemoteLine(connection), host.options, host.events, way), arrival
    finally:
        connection.close()


def is_let_in(way: Way) -> bool:
    """Return whether a fresh login with this way's key alone succeeds; raise for another reason."""
    from .connection import PinnedConnection  # noqa: PLC0415 - as above

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
