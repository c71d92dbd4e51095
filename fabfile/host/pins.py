"""Pinned host keys: what is not pinned is refused, before anything is sent."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import paramiko
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey
from paramiko.ssh_exception import SSHException

from ..pure.errors import HostKeyError
from ..pure.inventory import HostSpec

Pin = tuple[str, tuple[str, ...], paramiko.PKey]  # marker, names, key

_WORDS = 3  # of a line: names, kind, key


def fingerprint(key: paramiko.PKey) -> str:
    """Return the key's fingerprint in OpenSSH's form: `SHA256:` and base64 without padding."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return f"{key.get_name()} SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def load_pins(client: paramiko.SSHClient, path: Path, spec: HostSpec) -> frozenset[bytes]:
    """Give the client the pinned keys of the file; return the revoked ones; raise HostKeyError.

    A revoked key is no pin, whichever line names it too; of two pins of a kind the last counts.
    """
    found = [_pin(line, number, path) for number, line in enumerate(_lines(path, spec), 1)]
    pins = [pin for pin in found if pin]
    revoked = frozenset(key.asbytes() for marker, _, key in pins if marker)
    keys = client.get_host_keys()
    keys.clear()
    for _, names, key in pins:
        for name in names if key.asbytes() not in revoked else ():
            keys.add(name, key.get_name(), key)
    return revoked


def _lines(path: Path, spec: HostSpec) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise HostKeyError(f"{path}: {reason}; no host key is pinned", _scan(spec, path)) from None


def _pin(line: str, number: int, path: Path) -> Pin | None:
    """Return what the line pins or revokes; None for a comment or a kind of key nobody knows."""
    words = line.split()
    if not words or words[0].startswith("#"):
        return None
    marker = words.pop(0) if words[0].startswith("@") else ""
    if marker not in {"", "@revoked"}:
        raise _strange(path, number, f"{marker} is not supported")
    try:
        entry = HostKeyEntry.from_line(" ".join(words), number)
    except (InvalidHostKey, SSHException, ValueError):
        raise _strange(path, number, "not a host key") from None
    if len(words) < _WORDS:
        raise _strange(path, number, "not a host key")
    return (marker, tuple(entry.hostnames or ()), entry.key) if entry and entry.key else None


def _strange(path: Path, number: int, reason: str) -> HostKeyError:
    return HostKeyError(f"{path}, line {number}: {reason}", f"ssh-keygen -l -f {path}")


def _scan(spec: HostSpec, path: Path) -> str:
    scan = f"ssh-keyscan -t ed25519 -p {spec.port} {spec.address}"
    return f"{scan} >> {path}  # then compare the fingerprint"


class PinPolicy(paramiko.MissingHostKeyPolicy):
    """Refuses a host whose key nobody pinned, and says which key it showed."""

    def __init__(self, spec: HostSpec, path: Path, revoked: frozenset[bytes]) -> None:
        self._spec, self._path, self._revoked = spec, path, revoked

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        """Raise HostKeyError."""
        del client
        state = "revoked" if key.asbytes() in self._revoked else "not pinned"
        message = f"the key of {self._spec.name} ({hostname}) is {state} in {self._path}"
        raise HostKeyError(f"{message}: {fingerprint(key)}", _scan(self._spec, self._path))
