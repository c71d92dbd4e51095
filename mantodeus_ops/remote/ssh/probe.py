"""What a host shows before a login: its key, its algorithms, its ways to log in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko
from paramiko.ssh_exception import BadAuthenticationType

from mantodeus_ops.remote.ssh.algorithms import Offer
from mantodeus_ops.remote.ssh.connection import DIAL_SECONDS, PinnedConnection
from mantodeus_ops.remote.ssh.errors import refusal
from mantodeus_ops.remote.ssh.host_keys import PinnedHostKeys, PinnedKeyPolicy, read_pins
from mantodeus_ops.remote.ssh.paramiko_transport import ModernTransport
from mantodeus_ops.remote.ssh.presented_key import HostKey, PresentedHostKey
from mantodeus_ops.remote.ssh.target import SshTarget


@dataclass(frozen=True, slots=True)
class ServerOffer:
    """What a server offers to every client: algorithms, and the methods of RFC 4252, section 5."""

    offer: Offer
    methods: tuple[str, ...]  # "none": no proof is needed


def fetch_host_key(way: SshTarget) -> PresentedHostKey:
    """Return the key that the host shows, beside those pinned for it, without a login.

    Raise UnreachableError or one of its kinds, also for a gateway whose own key is not pinned.
    """
    pins = read_pins(way.known_hosts, way.spec, may_miss=True)
    with _on_the_step(way, pins) as transport:
        key = transport.get_remote_server_key()
    return PresentedHostKey(_key(key), tuple(map(_key, pins.keys)), pins.revokes(key))


def probe_server(way: SshTarget) -> ServerOffer:
    """Return what the host offers; raise UnreachableError, HostKeyError for another's answer."""
    pins = read_pins(way.known_hosts, way.spec)
    with _on_the_step(way, pins) as transport:
        policy = PinnedKeyPolicy(way.spec, pins)
        policy.missing_host_key(
            paramiko.SSHClient(), way.spec.address, transport.get_remote_server_key()
        )
        return ServerOffer(transport.offered, _methods(transport, way))


def _methods(transport: ModernTransport, way: SshTarget) -> tuple[str, ...]:
    try:
        transport.auth_none(PinnedConnection(way).user)
    except BadAuthenticationType as error:
        return tuple(filter(None, error.allowed_types))
    return ("none",)


@contextmanager
def _on_the_step(way: SshTarget, pins: PinnedHostKeys) -> Iterator[ModernTransport]:
    line = PinnedConnection(way)
    transport = line.transport_on(line.dial(), pins.kinds)
    try:
        transport.start_client(timeout=DIAL_SECONDS)
        transport.get_remote_server_key()
        yield transport
    except Exception as error:  # noqa: BLE001 - what a strange server sends may end paramiko in any way
        raise refusal(error, way, line.user, transport) from None
    finally:
        transport.close()
        line.close()


def _key(key: paramiko.PKey) -> HostKey:
    return HostKey(key.get_name(), key.get_base64(), key.get_bits())
