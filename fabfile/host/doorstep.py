"""What a host shows before a login: its key, its algorithms, its ways to log in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import paramiko
from paramiko.ssh_exception import BadAuthenticationType

from ..pure.algorithms import Offer
from ..pure.trust import Key, Seen
from .connection import DIAL_SECONDS, PinnedConnection
from .pins import PinPolicy, Pins, read_pins
from .refusals import refusal
from .transport import ModernTransport
from .way import Way


@dataclass(frozen=True, slots=True)
class Doorstep:
    """What a server offers to every client: algorithms, and the methods of RFC 4252, section 5."""

    offer: Offer
    methods: tuple[str, ...]  # "none": no proof is needed


def host_key(way: Way) -> Seen:
    """Return the key that the host shows, beside those pinned for it, without a login.

    Raise UnreachableError or one of its kinds, also for a gateway whose own key is not pinned.
    """
    pins = read_pins(way.known_hosts, way.spec, may_miss=True)
    with _on_the_step(way, pins) as transport:
        key = transport.get_remote_server_key()
    return Seen(_key(key), tuple(map(_key, pins.keys)), pins.revokes(key))


def doorstep(way: Way) -> Doorstep:
    """Return what the host offers; raise UnreachableError, HostKeyError for another's answer."""
    pins = read_pins(way.known_hosts, way.spec)
    with _on_the_step(way, pins) as transport:
        policy = PinPolicy(way.spec, pins)
        policy.missing_host_key(
            paramiko.SSHClient(), way.spec.address, transport.get_remote_server_key()
        )
        return Doorstep(transport.offered, _methods(transport, way))


def _methods(transport: ModernTransport, way: Way) -> tuple[str, ...]:
    try:
        transport.auth_none(PinnedConnection(way).user)
    except BadAuthenticationType as error:
        return tuple(filter(None, error.allowed_types))
    return ("none",)


@contextmanager
def _on_the_step(way: Way, pins: Pins) -> Iterator[ModernTransport]:
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


def _key(key: paramiko.PKey) -> Key:
    return Key(key.get_name(), key.get_base64(), key.get_bits())
