"""Fabric's Connection with pinned host keys, a single identity and keep-alive."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from threading import BoundedSemaphore

from fabric.config import Config
from fabric.connection import Connection
from paramiko.channel import Channel
from paramiko.ssh_exception import ChannelException, SSHException
from paramiko.transport import Transport

from mantodeus_ops.remote.ssh.errors import connection_error
from mantodeus_ops.remote.ssh.host_keys import PinnedKeyPolicy, read_pins
from mantodeus_ops.remote.ssh.login import SECONDS as LOGIN_SECONDS
from mantodeus_ops.remote.ssh.login import Proof, by_identity
from mantodeus_ops.remote.ssh.paramiko_transport import ModernTransport, Stream
from mantodeus_ops.remote.ssh.target import SshTarget

DIAL_SECONDS = 10
KEEPALIVE_SECONDS = 5
LOGINS_AT_ONCE = 8  # per sshd: it refuses connections when ten are not logged in yet
DEAD_AFTER_MILLISECONDS = 15_000  # bytes unacknowledged for this long mean a dead connection

Login = Callable[[SshTarget], Proof]

_LOGIN_LIMITS: dict[tuple[str, int], BoundedSemaphore] = {}

# Without a handler, logging would print paramiko's errors in addition to ours.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


class PinnedConnection(Connection):  # type: ignore[misc]  # Fabric ships no types
    """An SSH connection to a host of the inventory, through its gateways."""

    def __init__(self, target: SshTarget, login: Login = by_identity) -> None:
        config = Config(overrides={"load_ssh_configs": False}, lazy=True)
        spec = target.spec
        super().__init__(spec.address, user=spec.user or None, port=spec.port, config=config)
        jump = PinnedConnection(target.gateway) if target.gateway else None
        self._set(target=target, login=login, jump=jump, tried=None)

    def open(self) -> None:
        """Connect and log in unless connected; raise UnreachableError or a subclass."""
        if self.is_connected:
            return
        pins = read_pins(self.target.known_hosts, self.target.spec)
        self.client.set_missing_host_key_policy(PinnedKeyPolicy(self.target.spec, pins))
        with _login_limit(self.target):
            self.connect_kwargs = self._login_options(pins.kinds)
            try:
                super().open()
            except Exception as error:  # noqa: BLE001 - what a strange server sends may end paramiko in any way
                raise self._ended(error) from None
        self.transport.set_keepalive(KEEPALIVE_SECONDS)

    def channel(self) -> Channel:
        """Return a new channel; raise UnreachableError, or SSHException after a lost connection."""
        self.open()
        transport: Transport = self.transport
        return transport.open_session(timeout=DIAL_SECONDS)

    def close(self) -> None:
        """Close this connection, then that of its gateway."""
        super().close()
        if self.jump:
            self.jump.close()

    def dial(self) -> Stream:
        """Return a socket to the host, or a channel through its gateway; raise UnreachableError."""
        spec = self.target.spec
        try:
            if self.jump:
                self.jump.open()
                destination = (spec.address, spec.port)
                gateway: Transport = self.jump.transport
                return gateway.open_channel(
                    "direct-tcpip", destination, ("127.0.0.1", 0), timeout=DIAL_SECONDS
                )
            return _set_keepalive(socket.create_connection((spec.address, spec.port), DIAL_SECONDS))
        except (OSError, ChannelException, SSHException) as error:
            raise connection_error(error, self.target, self.user) from None

    def transport_on(self, sock: Stream, kinds: tuple[str, ...]) -> ModernTransport:
        """Return a transport on this socket that prefers these kinds of host keys."""
        self._set(tried=ModernTransport(sock, pinned=kinds))
        return self.tried  # type: ignore[no-any-return]

    def _login_options(self, kinds: tuple[str, ...]) -> dict[str, object]:
        return {
            "auth_strategy": self.login(self.target).at(self.target, self.user),
            "timeout": DIAL_SECONDS,
            "banner_timeout": LOGIN_SECONDS,
            "auth_timeout": LOGIN_SECONDS,
            "transport_factory": lambda sock, **_: self.transport_on(sock, kinds),
            "sock": self.dial(),
        }

    def _ended(self, error: Exception) -> Exception:
        """Return the error of a failed connection, and close what was opened."""
        reason = connection_error(error, self.target, self.user, self.tried)
        self.client.close()
        return reason


def _login_limit(target: SshTarget) -> BoundedSemaphore:
    """Return the semaphore that limits logins at this sshd, which may be a shared gateway."""
    address = (target.spec.address, target.spec.port)
    return _LOGIN_LIMITS.setdefault(address, BoundedSemaphore(LOGINS_AT_ONCE))


def _set_keepalive(sock: socket.socket) -> socket.socket:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # saves 46 ms per command
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MILLISECONDS)
    return sock
