"""Probes an SSH server before login: host key, algorithms, authentication methods."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko
from paramiko.ssh_exception import BadAuthenticationType

from mantodeus_ops.remote.ssh.algorithms import Offer
from mantodeus_ops.remote.ssh.connection import DIAL_SECONDS, PinnedConnection
from mantodeus_ops.remote.ssh.errors import connection_error
from mantodeus_ops.remote.ssh.host_keys import PinnedHostKeys, PinnedKeyPolicy, read_pins
from mantodeus_ops.remote.ssh.paramiko_transport import ModernTransport
from mantodeus_ops.remote.ssh.presented_key import HostKey, PresentedHostKey
from mantodeus_ops.remote.ssh.target import SshTarget


@dataclass(frozen=True, slots=True)
class ServerOffer:
    """The algorithms and authentication methods (RFC 4252, section 5) of a server."""

    offer: Offer
    methods: tuple[str, ...]  # "none": no authentication required


def fetch_host_key(target: SshTarget) -> PresentedHostKey:
    """Return the key that the host presents, and its pinned keys, without a login.

    Raise UnreachableError or a subclass, also for a gateway whose key is not pinned.
    """
    pins = read_pins(target.known_hosts, target.spec, may_miss=True)
    with _before_login(target, pins) as transport:
        key = transport.get_remote_server_key()
    return PresentedHostKey(_key(key), tuple(map(_key, pins.keys)), pins.revokes(key))


def probe_server(target: SshTarget) -> ServerOffer:
    """Return what the server offers; raise UnreachableError, or HostKeyError for a wrong key."""
    pins = read_pins(target.known_hosts, target.spec)
    with _before_login(target, pins) as transport:
        policy = PinnedKeyPolicy(target.spec, pins)
        policy.missing_host_key(
            paramiko.SSHClient(), target.spec.address, transport.get_remote_server_key()
        )
        return ServerOffer(transport.offered, _methods(transport, target))


def _methods(transport: ModernTransport, target: SshTarget) -> tuple[str, ...]:
    try:
        transport.auth_none(PinnedConnection(target).user)
    except BadAuthenticationType as error:
        return tuple(filter(None, error.allowed_types))
    return ("none",)


@contextmanager
def _before_login(target: SshTarget, pins: PinnedHostKeys) -> Iterator[ModernTransport]:
    connection = PinnedConnection(target)
    transport = connection.transport_on(connection.dial(), pins.kinds)
    try:
        transport.start_client(timeout=DIAL_SECONDS)
        transport.get_remote_server_key()
        yield transport
    except Exception as error:  # noqa: BLE001 - what a strange server sends may end paramiko in any way
        raise connection_error(error, target, connection.user, transport) from None
    finally:
        transport.close()
        connection.close()


def _key(key: paramiko.PKey) -> HostKey:
    return HostKey(key.get_name(), key.get_base64(), key.get_bits())
