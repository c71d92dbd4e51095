"""Reads pinned host keys, and refuses unpinned keys before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import paramiko
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey
from paramiko.ssh_exception import SSHException

from mantodeus_ops.errors import HostKeyError
from mantodeus_ops.inventory.parse import HostSpec
from mantodeus_ops.remote.ssh.algorithms import MODERN
from mantodeus_ops.remote.ssh.fingerprint import sha256
from mantodeus_ops.remote.ssh.known_hosts import host_pattern, matches_host
from mantodeus_ops.text.sanitize import fields
from mantodeus_ops.trusted_files import Trust

Pin = tuple[str, tuple[str, ...], paramiko.PKey]  # marker, names, key

_WORDS = 3  # names, kind, key
_OFFERED = {*MODERN["keys"], "ssh-rsa"}  # the key type of RSA, for all signature algorithms


def fingerprint(key: paramiko.PKey) -> str:
    """Return the key's kind and its fingerprint in OpenSSH's form: `ssh-ed25519 SHA256:…`."""
    return f"{key.get_name()} {sha256(key.asbytes())}"


@dataclass(frozen=True, slots=True)
class PinnedHostKeys:
    """The keys that a file pins for a host, and those that it revokes."""

    path: Path
    keys: tuple[paramiko.PKey, ...]
    revoked: frozenset[bytes]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of the pinned keys, to ask the host for one of them."""
        return tuple(key.get_name() for key in self.keys)

    def usable(self) -> tuple[paramiko.PKey, ...]:
        """Return the pinned keys whose kinds this client offers."""
        return tuple(key for key in self.keys if key.get_name() in _OFFERED)

    def knows(self, key: paramiko.PKey) -> bool:
        """Return whether this key is pinned; revoked keys never are."""
        return key.asbytes() in {pinned.asbytes() for pinned in self.keys}

    def revokes(self, key: paramiko.PKey) -> bool:
        """Return whether the file revokes this key."""
        return key.asbytes() in self.revoked


def read_pins(path: Path, spec: HostSpec, *, may_miss: bool = False) -> PinnedHostKeys:
    """Return the host's pinned keys; raise HostKeyError when the file cannot be read.

    As in OpenSSH, revoked keys are never pinned, and several keys of a kind may be pinned.
    """
    entries = () if may_miss and not path.exists() else _read(_text(path, spec), path)
    host = host_pattern(spec.address, spec.port)
    revoked = frozenset(key.asbytes() for marker, _, key in entries if marker)
    keys = [key for marker, names, key in entries if not marker and matches_host(names, host)]
    return PinnedHostKeys(path, tuple(_not_revoked(keys, revoked)), revoked)


def _not_revoked(
    keys: Iterable[paramiko.PKey], revoked: frozenset[bytes]
) -> Iterable[paramiko.PKey]:
    return (key for key in keys if key.asbytes() not in revoked)


def _text(path: Path, spec: HostSpec) -> str:
    try:
        return Trust(HostKeyError).text(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise HostKeyError(
            f"{path}: {reason}; no host key is pinned", trust_command(spec)
        ) from None


@lru_cache(maxsize=4)  # all hosts of a fleet read the same file
def _read(text: str, path: Path) -> tuple[Pin, ...]:
    """Return the pinned and revoked keys in this text; raise HostKeyError."""
    lines = enumerate(text.split("\n"), 1)
    return tuple(pin for number, line in lines if (pin := _pin(line, number, path)))


def _pin(line: str, number: int, path: Path) -> Pin | None:
    """Return the key of a line; None for a comment or an unknown kind of key."""
    words = fields(line)
    if not words or words[0].startswith("#"):
        return None
    marker = words.pop(0) if words[0].startswith("@") else ""
    if marker not in {"", "@revoked"}:
        raise _invalid_line(path, number, f"{marker} is not supported")
    try:
        entry = HostKeyEntry.from_line(" ".join(words), number)
    except (InvalidHostKey, SSHException, ValueError):
        raise _invalid_line(path, number, "not a host key") from None
    if len(words) < _WORDS:
        raise _invalid_line(path, number, "not a host key")
    return (marker, tuple(entry.hostnames or ()), entry.key) if entry and entry.key else None


def _invalid_line(path: Path, number: int, reason: str) -> HostKeyError:
    return HostKeyError(f"{path}, line {number}: {reason}", f"ssh-keygen -l -f {path}")


def trust_command(spec: HostSpec) -> str:
    """Return the command that pins the host's key."""
    return f"fab -H {spec.name} ssh.trust"


class PinnedKeyPolicy(paramiko.MissingHostKeyPolicy):
    """Accepts only pinned keys; paramiko knows no keys, so it always asks this policy."""

    def __init__(self, spec: HostSpec, pins: PinnedHostKeys) -> None:
        self._spec, self._pins = spec, pins

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        """Accept a pinned key; raise HostKeyError for any other."""
        del client
        if not self._pins.knows(key):
            raise self._refusal(f"{self._spec.name} ({hostname})", key)

    def _refusal(self, host: str, key: paramiko.PKey) -> HostKeyError:
        pins, got, hint = self._pins, fingerprint(key), trust_command(self._spec)
        usable = ", ".join(map(fingerprint, pins.usable()))
        if pins.revokes(key):
            message = f"the key of {host} is revoked in {pins.path}: {got}; nothing was sent"
            return HostKeyError(message, f"grep -n '^@revoked' {pins.path}")
        if usable:
            reason = f"is not the pinned one: pinned {usable}, got {got}"
        elif pins.keys:
            kinds = ", ".join(pins.kinds)
            reason = f"is pinned only as {kinds}, which is no longer supported; got {got}"
        else:
            reason = f"is not pinned in {pins.path}: {got}"
        return HostKeyError(f"the host key of {host} {reason}; nothing was sent", hint)
