"""Pinned host keys: what is not pinned is refused, before anything is sent."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import paramiko
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

from ..pure.errors import HostKeyError
from ..pure.inventory import HostSpec


def fingerprint(key: paramiko.PKey) -> str:
    """Return the key's fingerprint in OpenSSH's form: `SHA256:` and base64 without padding."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return f"{key.get_name()} SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def load_pins(client: paramiko.SSHClient, path: Path, spec: HostSpec) -> frozenset[bytes]:
    """Give the client the pinned keys of the file; return the revoked ones; raise HostKeyError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise HostKeyError(
            f"{path}: {error.strerror}; no host key is pinned", _scan(spec, path)
        ) from None
    revoked: set[bytes] = set()
    keys = client.get_host_keys()
    keys.clear()
    for number, line in enumerate(lines, 1):
        marker, entry = _entry(line, number, path)
        if entry is None or entry.key is None:
            continue
        if marker == "@revoked":
            revoked.add(entry.key.asbytes())
        else:
            for name in entry.hostnames or ():
                keys.add(name, entry.key.get_name(), entry.key)
    return frozenset(revoked)


def _entry(line: str, number: int, path: Path) -> tuple[str, HostKeyEntry | None]:
    words = line.split()
    marker = words[0] if words and words[0].startswith("@") else ""
    if not words or words[0].startswith("#"):
        return "", None
    if marker and marker != "@revoked":
        raise HostKeyError(
            f"{path}, line {number}: {marker} is not supported", f"ssh-keygen -l -f {path}"
        )
    try:
        return marker, HostKeyEntry.from_line(line.removeprefix(marker).strip(), number)
    except InvalidHostKey:
        raise HostKeyError(
            f"{path}, line {number}: not a host key", f"ssh-keygen -l -f {path}"
        ) from None


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
