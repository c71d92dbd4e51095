"""Why a connection did not come about, in words: paramiko's exceptions as errors of ours."""

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
from mantodeus_ops.remote.ssh.algorithms import missing
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.text.sanitize import one_line

_MOST_SHOWN = 80
_UNREADABLE = ("Indecipherable protocol version", "Invalid SSH banner")
_BANNER = "Error reading SSH protocol banner"


def refusal(
    error: Exception, way: SshTarget, user: str, transport: Transport | None = None
) -> OpsError:
    """Return the error for a connection that ended so; `transport` is how far it came."""
    if isinstance(error, OpsError):
        return error
    if isinstance(error, IncompatiblePeer):
        return _algorithms(error, way, transport)
    hint = f"ssh -p {way.spec.port} {user}@{way.spec.address}"
    return UnreachableError(f"{way.label} cannot be reached: {_reason(error, transport)}", hint)


def _algorithms(
    error: IncompatiblePeer, way: SshTarget, transport: Transport | None
) -> AlgorithmError:
    lacks = missing(getattr(transport, "offered", {}))
    what = f"offers no {lacks} that is safe" if lacks else f"speaks another SSH: {error}"
    message = f"{way.label} answers, but {what}; nothing was sent"
    return AlgorithmError(message, f"ssh -Q kex  # then upgrade the SSH server of {way.spec.name}")


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, "nothing listens at this port (connection refused)"),
    (socket.gaierror, "its address is not known to DNS"),
    (TimeoutError, "no answer in time: a firewall drops the call, or the host is down"),
    (AuthenticationException, "it broke off the login, or left it without an answer"),
    (EOFError, "it hung up in the middle"),
    (ChannelException, "its gateway cannot get through to it"),
)


def _reason(error: Exception, transport: Transport | None) -> str:
    """Return what went wrong on the way."""
    said = one_line(str(error))
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    if said.startswith(_UNREADABLE):
        return f"what answers is no SSH server: {said.partition(' version ')[2][:_MOST_SHOWN]}"
    if transport is not None and not transport.remote_version:
        return _silence(said, transport)
    if not isinstance(error, OSError | EOFError | SSHException):
        return f"what answers breaks the rules of SSH ({type(error).__name__})"
    return getattr(error, "strerror", None) or said or type(error).__name__


def _silence(said: str, transport: Transport) -> str:
    """Return why a server that took the call never introduced itself."""
    if transport.is_active() or "timed out" in said or said == "No existing session":
        return "it took the call and said nothing"
    detail = said.removeprefix(_BANNER).strip(" ") or "it hung up"
    return f"it is no SSH server, or too busy to be one ({detail[:_MOST_SHOWN]})"
