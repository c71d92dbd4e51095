"""Pins the key that a host shows, after a person has compared it."""

from __future__ import annotations

from mantodeus_ops.errors import HostKeyError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.connect import ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.remote.ssh.known_hosts import host_pattern
from mantodeus_ops.remote.ssh.presented_key import PresentedHostKey
from mantodeus_ops.remote.ssh.probe import fetch_host_key
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh.pin import write_pin
from mantodeus_ops.ssh.trust_rules import refuse, wanted
from mantodeus_ops.transaction.confirm import confirm


def trust(host: Host, *, fingerprint: str = "") -> TaskResult:
    """Pin the host's key once it is confirmed: by a person, --fingerprint or, if new, --yes.

    Raise HostKeyError for a revoked key, one that is not the given fingerprint's, and a changed
    one that was not compared; UnreachableError.
    """
    expected = wanted(fingerprint)
    way = ssh_target(host)
    seen = fetch_host_key(way)
    refuse(seen, way.label, expected)
    if seen.is_pinned:
        return TaskResult("unchanged", _data(way, seen))
    host.info(f"{way.label} shows\n{seen.key.shown()}")
    for key in seen.pinned:
        host.info(f"pinned until now is another key:\n{key.shown()}")
    if host.dry_run:
        line = f"{host_pattern(way.spec.address, way.spec.port)} {seen.key.line}"
        host.preview(Command(("pin", line, str(way.known_hosts))))
        return TaskResult("success", _data(way, seen))
    _agree(host, seen, expected)
    write_pin(way, seen.key.line)
    return TaskResult("success", _data(way, seen))


def _agree(host: Host, seen: PresentedHostKey, expected: str) -> None:
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


def _data(way: SshTarget, seen: PresentedHostKey) -> JsonObject:
    return {
        "fingerprint": seen.key.fingerprint,
        "key_type": seen.key.kind,
        "previous": [key.fingerprint for key in seen.pinned] if seen.is_changed else [],
        "known_hosts": str(way.known_hosts),
    }
