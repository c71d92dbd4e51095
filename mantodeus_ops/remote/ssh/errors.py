"""Translates paramiko's exceptions into errors of this tool."""

from __future__ import annotations

import socket

from paramiko import Transport
from paramiko.ssh_exception import (
    AuthenticationException,
    ChannelException,
    IncompatiblePeer,
    SSHException,
)

from mantodeus_ops.errors import AlgorithmError, OpsError, UnreachableError
from mantodeus_ops.remote.ssh.algorithms import missing_kind
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.text.sanitize import one_line

_MOST_SHOWN = 80
_UNREADABLE = ("Indecipherable protocol version", "Invalid SSH banner")
_BANNER = "Error reading SSH protocol banner"


def connection_error(
    error: Exception, target: SshTarget, user: str, transport: Transport | None = None
) -> OpsError:
    """Return the error for a failed connection; `transport` shows how far it got."""
    if isinstance(error, OpsError):
        return error
    if isinstance(error, IncompatiblePeer):
        return _algorithms(error, target, transport)
    hint = f"ssh -p {target.spec.port} {user}@{target.spec.address}"
    return UnreachableError(f"{target.label} cannot be reached: {_reason(error, transport)}", hint)


def _algorithms(
    error: IncompatiblePeer, target: SshTarget, transport: Transport | None
) -> AlgorithmError:
    lacks = missing_kind(getattr(transport, "offered", {}))
    problem = f"offers no safe {lacks}" if lacks else f"uses an incompatible SSH version: {error}"
    message = f"{target.label} answers, but {problem}; nothing was sent"
    return AlgorithmError(
        message, f"ssh -Q kex  # then upgrade the SSH server of {target.spec.name}"
    )


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, "nothing listens at this port (connection refused)"),
    (socket.gaierror, "its address is unknown to DNS"),
    (TimeoutError, "no answer in time: a firewall drops the packets, or the host is down"),
    (AuthenticationException, "it closed the connection during the login, or did not answer"),
    (EOFError, "it closed the connection"),
    (ChannelException, "its gateway cannot connect to it"),
)


def _reason(error: Exception, transport: Transport | None) -> str:
    """Return the reason for the failed connection."""
    message = one_line(str(error))
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    if message.startswith(_UNREADABLE):
        return f"the service is no SSH server: {message.partition(' version ')[2][:_MOST_SHOWN]}"
    if transport is not None and not transport.remote_version:
        return _silence(message, transport)
    if not isinstance(error, OSError | EOFError | SSHException):
        return f"the server violates the SSH protocol ({type(error).__name__})"
    return getattr(error, "strerror", None) or message or type(error).__name__


def _silence(message: str, transport: Transport) -> str:
    """Return why a server that accepted the connection sent no SSH banner."""
    if transport.is_active() or "timed out" in message or message == "No existing session":
        return "it accepted the connection but sent nothing"
    detail = message.removeprefix(_BANNER).strip(" ") or "it closed the connection"
    return f"it is no SSH server, or is overloaded ({detail[:_MOST_SHOWN]})"
