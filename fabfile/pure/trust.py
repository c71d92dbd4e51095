"""Whether a host key may be pinned: what it looks like, and what stands beside it already."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import HostKeyError, UsageError
from .fingerprint import art, blob_of, sha256, typed

_TITLES = {"ssh-ed25519": "ED25519", "ssh-rsa": "RSA"}


@dataclass(frozen=True, slots=True)
class Key:
    """One public host key."""

    kind: str
    text: str  # base64
    bits: int

    @property
    def line(self) -> str:
        """Return the key as a line of known_hosts has it behind the name."""
        return f"{self.kind} {self.text}"

    @property
    def fingerprint(self) -> str:
        """Return `SHA256:…`."""
        return sha256(blob_of(self.text))

    def shown(self) -> str:
        """Return what a person compares: the fingerprint and, below it, the art."""
        title = f"{_TITLES.get(self.kind, self.kind.split('-')[0].upper())} {self.bits}"
        return f"{self.kind} {self.fingerprint}\n{art(blob_of(self.text), title)}"


@dataclass(frozen=True, slots=True)
class Seen:
    """The key that a host shows, those that are pinned for it, and whether it is revoked."""

    key: Key
    pinned: tuple[Key, ...]
    revoked: bool

    @property
    def is_pinned(self) -> bool:
        """Return whether this very key is pinned already."""
        return self.key.line in {one.line for one in self.pinned}

    @property
    def is_changed(self) -> bool:
        """Return whether only other keys are pinned."""
        return bool(self.pinned) and not self.is_pinned


def wanted(fingerprint: str) -> str:
    """Return the fingerprint that was typed, in our form; raise UsageError for what is none."""
    found = typed(fingerprint)
    if fingerprint and not found:
        message = f"--fingerprint takes SHA256: and 43 characters, not {fingerprint!r}"
        raise UsageError(message, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub  # on the host")
    return found


def refuse(seen: Seen, host: str, expected: str) -> None:
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
