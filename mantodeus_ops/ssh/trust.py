"""The task ssh.trust: pins a host key after the operator has compared it."""

from __future__ import annotations

from mantodeus_ops.errors import HostKeyError
from mantodeus_ops.remote.connect import ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.remote.ssh.known_hosts import host_pattern
from mantodeus_ops.remote.ssh.presented_key import PresentedHostKey
from mantodeus_ops.remote.ssh.probe import fetch_host_key
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh.pin import write_pin
from mantodeus_ops.ssh.trust_rules import check_fingerprint, refuse
from mantodeus_ops.transaction.confirm import confirm


def trust(host: Host, *, fingerprint: str = "") -> TaskResult:
    """Pin the host's key after confirmation: by prompt, --fingerprint or, if new, --yes.

    Raise HostKeyError for a revoked key, one that is not the given fingerprint's, and a changed
    one that was not compared; UnreachableError.
    """
    expected = check_fingerprint(fingerprint)
    target = ssh_target(host)
    presented = fetch_host_key(target)
    refuse(presented, target.label, expected)
    if presented.is_pinned:
        return TaskResult("unchanged", _data(target, presented))
    host.info(f"{target.label} shows\n{presented.key.shown()}")
    for key in presented.pinned:
        host.info(f"pinned until now is another key:\n{key.shown()}")
    if host.dry_run:
        line = f"{host_pattern(target.spec.address, target.spec.port)} {presented.key.line}"
        host.preview(Command(("pin", line, str(target.known_hosts))))
        return TaskResult("success", _data(target, presented))
    _agree(host, presented, expected)
    write_pin(target, presented.key.line)
    return TaskResult("success", _data(target, presented))


def _agree(host: Host, presented: PresentedHostKey, expected: str) -> None:
    compared = f"ssh.trust --fingerprint {presented.key.fingerprint}  # once you have compared it"
    if presented.is_changed and host.options.yes and not expected:
        message = f"the pinned key of {host.name} is replaced only by one that you have compared"
        raise HostKeyError(message, f"{compared}, with --yes")
    if presented.is_changed:
        confirm(host, "Replace the pinned key by this one?", hint=f"{compared}, with --yes")
    elif not expected:
        confirm(
            host, "Is this the key that the host itself, or its provider, shows?", hint=compared
        )


def _data(target: SshTarget, presented: PresentedHostKey) -> dict[str, object]:
    return {
        "fingerprint": presented.key.fingerprint,
        "key_type": presented.key.kind,
        "previous": [key.fingerprint for key in presented.pinned] if presented.is_changed else [],
        "known_hosts": str(target.known_hosts),
    }
