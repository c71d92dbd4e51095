"""Pins the key that a host shows, after a person has compared it."""

from __future__ import annotations

from typing import Any

from ..host.door import Host
from ..host.doorstep import host_key
from ..host.pinning import write_pin
from ..host.way import Way, way_to
from ..pure.errors import HostKeyError
from ..pure.known_hosts import where
from ..pure.outcome import Report
from ..pure.shell import Command
from ..pure.trust import Seen, refuse, wanted
from .confirm import confirm


def trust(host: Host, *, fingerprint: str = "") -> Report:
    """Pin the host's key once it is confirmed: by a person, --fingerprint or, if new, --yes.

    Raise HostKeyError for a revoked key, one that is not the given fingerprint's, and a changed
    one that was not compared; UnreachableError.
    """
    expected = wanted(fingerprint)
    way = way_to(host)
    seen = host_key(way)
    refuse(seen, way.label, expected)
    if seen.is_pinned:
        return Report("unchanged", _data(way, seen))
    host.note(f"{way.label} shows\n{seen.key.shown()}")
    for key in seen.pinned:
        host.note(f"pinned until now is another key:\n{key.shown()}")
    if host.dry_run:
        line = f"{where(way.spec.address, way.spec.port)} {seen.key.line}"
        host.would(Command(("pin", line, str(way.known_hosts))))
        return Report("success", _data(way, seen))
    _agree(host, seen, expected)
    write_pin(way, seen.key.line)
    return Report("success", _data(way, seen))


def _agree(host: Host, seen: Seen, expected: str) -> None:
    compared = f"ssh.trust --fingerprint {seen.key.fingerprint}  # once you have compared it"
    if seen.is_changed and host.options.yes and not expected:
        message = f"the pinned key of {host.name} is replaced only by one that you have compared"
        raise HostKeyError(message, f"{compared}, with --yes")
    if seen.is_changed:
        confirm(host, "Replace the pinned key by this one?", hint=f"{compared}, with --yes")
    elif not expected:
        confirm(
            host, "Is this the key that the host itself, or its provider, shows?", hint=compared
        )


def _data(way: Way, seen: Seen) -> dict[str, Any]:
    return {
        "fingerprint": seen.key.fingerprint,
        "key_type": seen.key.kind,
        "previous": [key.fingerprint for key in seen.pinned] if seen.is_changed else [],
        "known_hosts": str(way.known_hosts),
    }
