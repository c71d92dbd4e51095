"""Whether a host key may be pinned: what it looks like, and what stands beside it already."""

from __future__ import annotations

from mantodeus_ops.errors import HostKeyError, UsageError
from mantodeus_ops.remote.ssh.fingerprint import typed
from mantodeus_ops.remote.ssh.presented_key import PresentedHostKey


def wanted(fingerprint: str) -> str:
    """Return the fingerprint that was typed, in our form; raise UsageError for what is none."""
    found = typed(fingerprint)
    if fingerprint and not found:
        message = f"--fingerprint takes SHA256: and 43 characters, not {fingerprint!r}"
        raise UsageError(message, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub  # on the host")
    return found


def refuse(seen: PresentedHostKey, host: str, expected: str) -> None:
    """Raise HostKeyError for a key that is revoked or not the one that was expected."""
    if seen.revoked:
        message = f"{host} shows a key that is revoked: {seen.key.fingerprint}; it is not pinned"
        raise HostKeyError(message, "ssh.audit")
    if expected and expected != seen.key.fingerprint:
        message = (
            f"{host} shows another key than you expect: {seen.key.fingerprint}, not {expected};"
            " another machine may be in between; nothing was pinned"
        )
        hint = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub  # on the host, to compare again"
        raise HostKeyError(message, hint)
