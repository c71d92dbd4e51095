"""A host key as a server presents it, and its display."""

from __future__ import annotations

from dataclasses import dataclass

from mantodeus_ops.remote.ssh.fingerprint import blob_of, randomart, sha256

_TITLES = {"ssh-ed25519": "ED25519", "ssh-rsa": "RSA"}


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public host key."""

    kind: str
    text: str  # base64
    bits: int

    @property
    def line(self) -> str:
        """Return the key as in a known_hosts line, after the host name."""
        return f"{self.kind} {self.text}"

    @property
    def fingerprint(self) -> str:
        """Return `SHA256:…`."""
        return sha256(blob_of(self.text))

    def shown(self) -> str:
        """Return the fingerprint and its randomart, for people to compare."""
        title = f"{_TITLES.get(self.kind, self.kind.split('-')[0].upper())} {self.bits}"
        return f"{self.kind} {self.fingerprint}\n{randomart(blob_of(self.text), title)}"


@dataclass(frozen=True, slots=True)
class PresentedHostKey:
    """The key that a host presents, its pinned keys, and whether it is revoked."""

    key: HostKey
    pinned: tuple[HostKey, ...]
    revoked: bool

    @property
    def is_pinned(self) -> bool:
        """Return whether this key is pinned."""
        return self.key.line in {pinned_key.line for pinned_key in self.pinned}

    @property
    def is_changed(self) -> bool:
        """Return whether other keys are pinned, but not this one."""
        return bool(self.pinned) and not self.is_pinned
