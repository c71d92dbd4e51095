"""Fabric's connection with what it lacks: pinned keys, one identity, a line that sees its end."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import Any

from fabric.config import Config
from fabric.connection import Connection
from paramiko.ssh_exception import (
    AuthenticationException,
    BadHostKeyException,
    ChannelException,
    SSHException,
)

from ..pure.errors import HostKeyError, LoginRefusedError, UnreachableError
from ..pure.inventory import HostSpec
from .identity import load_identity
from .pins import PinPolicy, fingerprint, load_pins

DIAL_SECONDS = 10
LOGIN_SECONDS = 20
KEEPALIVE_SECONDS = 5
DEAD_AFTER_MILLISECONDS = 15_000  # unanswered bytes for this long: the line is dead

# Without a handler, logging's last resort would print paramiko's own errors beside ours.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


class PinnedConnection(Connection):  # type: ignore[misc]  # Fabric ships no types
    """One SSH connection to one inventory host."""

    def __init__(self, spec: HostSpec, folder: Path, gateway: PinnedConnection | None) -> None:
        config = Config(overrides={"load_ssh_configs": False}, lazy=True)
        super().__init__(spec.address, user=spec.user or None, port=spec.port, config=config)
        self._set(spec=spec, folder=folder, jump=gateway)

    def open(self) -> None:
        """Connect and log in unless that is done; raise UnreachableError or one of its kinds."""
        if self.is_connected:
            return
        path = self.folder / (self.spec.known_hosts or "known_hosts")
        revoked = load_pins(self.client, path, self.spec)
        self.client.set_missing_host_key_policy(PinPolicy(self.spec, path, revoked))
        self.connect_kwargs = self._login_options()
        try:
            super().open()
        except BadHostKeyException as error:
            raise self._changed(error, path) from None
        except AuthenticationException as error:
            raise self._refused(error) from None
        except (OSError, SSHException, EOFError) as error:
            raise self._unreachable(error) from None
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

    def _login_options(self) -> dict[str, Any]:
        return {
            "pkey": load_identity(self.spec, self.folder),
            "allow_agent": False,
            "look_for_keys": False,
            "timeout": DIAL_SECONDS,
            "banner_timeout": LOGIN_SECONDS,
            "auth_timeout": LOGIN_SECONDS,
            "sock": self._dial(),
        }

    def _dial(self) -> Any:
        spec = self.spec
        try:
            if self.jump:
                self.jump.open()
                there = (spec.address, spec.port)
                return self.jump.transport.open_channel(
                    "direct-tcpip", there, ("127.0.0.1", 0), timeout=DIAL_SECONDS
                )
            return _awake(socket.create_connection((spec.address, spec.port), DIAL_SECONDS))
        except (OSError, ChannelException, SSHException) as error:
            raise self._unreachable(error) from None

    def _where(self) -> str:
        return f"{self.spec.name} ({self.spec.address}:{self.spec.port})"

    def _unreachable(self, error: BaseException) -> UnreachableError:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        hint = f"ssh -p {self.spec.port} {self.user}@{self.spec.address}"
        return UnreachableError(f"{self._where()} cannot be reached: {reason}", hint)

    def _refused(self, error: AuthenticationException) -> LoginRefusedError:
        key, port = f"{self.spec.identity_file}.pub", self.spec.port
        hint = f"ssh-copy-id -i {key} -p {port} {self.user}@{self.spec.address}"
        return LoginRefusedError(f"{self._where()} refused the login of {self.user}: {error}", hint)

    def _changed(self, error: BadHostKeyException, path: Path) -> HostKeyError:
        old, new = fingerprint(error.expected_key), fingerprint(error.key)
        message = f"the host key of {self._where()} is not the pinned one: pinned {old}, got {new}"
        return HostKeyError(f"{message}; nothing was sent", f"ssh-keygen -l -f {path}")


def _awake(sock: socket.socket) -> socket.socket:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 46 ms a command without it
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_MILLISECONDS)
    return sock
