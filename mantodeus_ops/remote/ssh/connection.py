"""Fabric's connection with what it lacks: pinned keys, one identity, a line that sees its end."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from fabric.config import Config
from fabric.connection import Connection
from paramiko.ssh_exception import ChannelException, SSHException

from mantodeus_ops.remote.ssh.errors import refusal
from mantodeus_ops.remote.ssh.host_keys import PinnedKeyPolicy, read_pins
from mantodeus_ops.remote.ssh.login import SECONDS as LOGIN_SECONDS
from mantodeus_ops.remote.ssh.login import Proof, by_identity
from mantodeus_ops.remote.ssh.paramiko_transport import ModernTransport
from mantodeus_ops.remote.ssh.target import SshTarget

DIAL_SECONDS = 10
KEEPALIVE_SECONDS = 5
LOGINS_AT_ONCE = 8  # at one sshd, which turns some away when ten have not logged in yet
DEAD_AFTER_MILLISECONDS = 15_000  # unanswered bytes for this long: the line is dead

Login = Callable[[SshTarget], Proof]

_DOORWAYS: dict[tuple[str, int], BoundedSemaphore] = {}

# Without a handler, logging's last resort would print paramiko's own errors beside ours.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


class PinnedConnection(Connection):  # type: ignore[misc]  # Fabric ships no types
    """One SSH connection to one inventory host, through its gateways."""

    def __init__(self, way: SshTarget, login: Login = by_identity) -> None:
        config = Config(overrides={"load_ssh_configs": False}, lazy=True)
        spec = way.spec
        super().__init__(spec.address, user=spec.user or None, port=spec.port, config=config)
        jump = PinnedConnection(way.gateway) if way.gateway else None
        self._set(way=way, login=login, jump=jump, tried=None)

    def open(self) -> None:
        """Connect and log in unless that is done; raise UnreachableError or one of its kinds."""
        if self.is_connected:
            return
        pins = read_pins(self.way.known_hosts, self.way.spec)
        self.client.set_missing_host_key_policy(PinnedKeyPolicy(self.way.spec, pins))
        with _doorway(self.way):
            self.connect_kwargs = self._login_options(pins.kinds)
            try:
                super().open()
            except Exception as error:  # noqa: BLE001 - what a strange server sends may end paramiko in any way
                raise self._ended(error) from None
        self.transport.set_keepalive(KEEPALIVE_SECONDS)

    def channel(self) -> Any:
        """Return a new channel; raise UnreachableError, or SSHException when the line dropped."""
        self.open()
        return self.transport.open_session(timeout=DIAL_SECONDS)

    def close(self) -> None:
        """Close this connection, then the one it came through."""
        super().close()
        if self.jump:
            self.jump.close()

    def dial(self) -> Any:
        """Return a socket, or a channel of the gateway, to the host; raise UnreachableError."""
        spec = self.way.spec
        try:
            if self.jump:
                self.jump.open()
                there = (spec.address, spec.port)
                return self.jump.transport.open_channel(
                    "direct-tcpip", there, ("127.0.0.1", 0), timeout=DIAL_SECONDS
                )
            return _awake(socket.create_connection((spec.address, spec.port), DIAL_SECONDS))
        except (OSError, ChannelException, SSHException) as error:
            raise refusal(error, self.way, self.user) from None

    def transport_on(self, sock: Any, kinds: tuple[str, ...]) -> ModernTransport:
        """Return a transport on this socket that asks for the first of these kinds of host key."""
        self._set(tried=ModernTransport(sock, pinned=kinds))
        return self.tried  # type: ignore[no-any-return]

    def _login_options(self, kinds: tuple[str, ...]) -> dict[str, Any]:
        return {
            "auth_strategy": self.login(self.way).at(self.way, self.user),
            "timeout": DIAL_SECONDS,
            "banner_timeout": LOGIN_SECONDS,
            "auth_timeout": LOGIN_SECONDS,
            "transport_factory": lambda sock, **_: self.transport_on(sock, kinds),
            "sock": self.dial(),
        }

    def _ended(self, error: Exception) -> Exception:
        """Return why there is no connection, and let go of what there is of one."""
        told = refusal(error, self.way, self.user, self.tried)
        self.client.close()
        return told


def _doorway(way: SshTarget) -> BoundedSemaphore:
    """Return what lets a few at a time log in at this sshd, which may be many a host's gateway."""
    place = (way.spec.address, way.spec.port)
    return _DOORWAYS.setdefault(place, BoundedSemaphore(LOGINS_AT_ONCE))


def _awake(sock: socket.socket) -> socket.socket:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 46 ms a command without it
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MILLISECONDS)
    return sock
