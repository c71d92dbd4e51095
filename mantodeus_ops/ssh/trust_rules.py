"""Decides whether a host key may be pinned."""

from __future__ import annotations

from mantodeus_ops.errors import HostKeyError, UsageError
from mantodeus_ops.remote.ssh.fingerprint import parse_fingerprint
from mantodeus_ops.remote.ssh.presented_key import PresentedHostKey


def check_fingerprint(fingerprint: str) -> str:
    """Return the typed fingerprint, normalized; raise UsageError for an invalid one."""
    parsed = parse_fingerprint(fingerprint)
    if fingerprint and not parsed:
        message = f"--fingerprint takes SHA256: and 43 characters, not {fingerprint!r}"
        raise UsageError(message, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub  # on the host")
    return parsed


def refuse(presented: PresentedHostKey, host: str, expected: str) -> None:
    """Raise HostKeyError for a revoked or unexpected key."""
    if presented.revoked:
        message = (
            f"{host} shows a key that is revoked: {presented.key.fingerprint}; it is not pinned"
        )
        raise HostKeyError(message, "ssh.audit")
    if expected and expected != presented.key.fingerprint:
        shown = presented.key.fingerprint
        message = (
            f"{host} shows another key than you expect: {shown}, not {expected};"
            " another machine may be in between; nothing was pinned"
        )
        hint = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub  # on the host, to compare again"
        raise HostKeyError(message, hint)
