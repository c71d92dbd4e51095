"""Checks SSH keys and settings of both machines; findings name a fix."""

from __future__ import annotations

import shlex
import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mantodeus_ops.findings import Finding
from mantodeus_ops.remote.ssh.algorithms import KINDS, Offer, weak
from mantodeus_ops.ssh.authorized_keys import Entry

_STICKY, _OTHERS, _OTHERS_WRITE = 0o1000, 0o077, 0o022
_SHORT, _SHORTEST = 3072, 2048  # bits of RSA: below the first doubtful, below the second broken
_ROOT = 0
_FOLDERS_OF_KEYS = ("/.ssh", "/authorized_keys")


@dataclass(frozen=True, slots=True)
class PathPermissions:
    """A file or folder on the path to keys: path, mode and owner."""

    mode: int
    uid: int
    path: str


@dataclass(frozen=True, slots=True)
class LocalAudit:
    """The local side: uid, private key, and the permissions of files a login depends on."""

    uid: int
    private: str
    locked: bool
    places: tuple[PathPermissions, ...]
    forwards: bool


@dataclass(frozen=True, slots=True)
class RemoteAudit:
    """The remote side: uid, permissions, authorized keys, and forwarded agents."""

    uid: int
    places: tuple[PathPermissions, ...]
    entries: Sequence[Entry]
    has_agent: bool
    typed: str  # the ssh command for the host


def check_local(local: LocalAudit, host: str) -> Iterator[Finding]:
    """Yield findings on the local side."""
    for path in local.places:
        yield from _writable(path, local.uid, "", "on this machine")
        if path.path == local.private and path.mode & _OTHERS:
            text = f"others can read our key {path.path} (mode {path.mode & 0o777:o})"
            yield Finding(text, f"chmod 600 {shlex.quote(path.path)}")
    if local.private and not local.locked:
        text = f"our key {local.private} has no passphrase: its file alone is enough to log in"
        yield Finding(text, f"ssh-keygen -p -f {shlex.quote(local.private)}", stops=False)
    if local.forwards:
        text = f"your own ssh lends {host} your agent: root there can use all of your keys"
        yield Finding(text, "set ForwardAgent no in ~/.ssh/config")


def check_remote(remote: RemoteAudit, known: Collection[bytes]) -> Iterator[Finding]:
    """Yield findings on the account; `known` are the blobs of known keys."""
    for path in remote.places:
        yield from _writable(path, remote.uid, f"{remote.typed} ", "on the host")
        own = path.path.endswith(_FOLDERS_OF_KEYS)
        if own and path.mode & _OTHERS and not path.mode & _OTHERS_WRITE:
            text = f"others can look into {path.path} on the host (mode {path.mode & 0o777:o})"
            yield Finding(text, f"{remote.typed} chmod go= {shlex.quote(path.path)}", stops=False)
        if path.path.endswith("/authorized_keys2"):
            text = f"{path.path} is there too, which old servers also read"
            yield Finding(text, f"{remote.typed} cat {shlex.quote(path.path)}", stops=False)
    if remote.has_agent:
        text = "the host has an agent in our session: its keys are within reach of root there"
        yield Finding(text, "set ForwardAgent no in ~/.ssh/config")
    for entry in remote.entries:
        yield from _entry(entry, known)


def check_server(offer: Offer, methods: Iterable[str], host: str) -> Iterator[Finding]:
    """Yield findings on the server's algorithms and authentication methods."""
    words = {
        "none": "lets every client in without any proof",
        "password": "lets people log in with a password, which can be guessed",
        "keyboard-interactive": "asks for passwords in a dialog (keyboard-interactive)",
        "hostbased": "believes other hosts' word for who a user is (hostbased)",
    }
    settings = {"keyboard-interactive": "KbdInteractiveAuthentication no"}
    for method in methods:
        if method in words:
            setting = settings.get(method, "PasswordAuthentication no")
            hint = f"set {setting} in sshd_config, or ask your provider to"
            yield Finding(f"{host} {words[method]}", hint)
    weaknesses = weak(offer)
    for broken in (True, False):
        names = [
            f"{KINDS[weakness.kind]} {weakness.name}"
            for weakness in weaknesses
            if weakness.broken is broken
        ]
        if names:
            how = "broken" if broken else "doubtful"
            text = f"{host} also offers what is {how}: {', '.join(names)}"
            yield Finding(
                text, "upgrade the SSH server, or name better ones in sshd_config", broken
            )


def _writable(path: PathPermissions, uid: int, prefix: str, where: str) -> Iterator[Finding]:
    # In a sticky folder an account cannot replace what is another's.
    if path.mode & _OTHERS_WRITE and not path.mode & _STICKY:
        text = f"others can write {path.path} {where} (mode {path.mode & 0o777:o})"
        yield Finding(text, f"{prefix}chmod go-w {shlex.quote(path.path)}")
    if path.uid not in (_ROOT, uid):
        text = f"{path.path} {where} belongs to another account (uid {path.uid})"
        yield Finding(text, f"{prefix}ls -ld {shlex.quote(path.path)}")


def _entry(entry: Entry, known: Collection[bytes]) -> Iterator[Finding]:
    message = f"authorized_keys line {entry.line}: {entry.kind} {entry.fingerprint}"
    named = f"{message} {entry.comment}".rstrip(" ")
    if entry.blob not in known:
        hint = "keep its .pub beside hosts.toml if you know whose it is; else take the line out"
        yield Finding(f"{named} is an unknown key", hint)
    bits = rsa_bits(entry.blob)
    if entry.kind == "ssh-dss" or 0 < bits < _SHORTEST:
        yield Finding(f"{named} is of a broken kind", "ask its owner for an ed25519 key")
    elif entry.kind.startswith("ecdsa-") or 0 < bits < _SHORT:
        size = f" of {bits} bits" if bits else ""
        text = f"{named} is of a doubtful kind{size}"
        yield Finding(text, "ask its owner for an ed25519 key", stops=False)


def rsa_bits(blob: bytes) -> int:
    """Return the number of bits of an RSA key; 0 for other keys."""
    try:
        parts, rest = [], blob
        while rest:
            (length,) = struct.unpack(">I", rest[:4])
            parts.append(rest[4 : 4 + length])
            rest = rest[4 + length :]
    except struct.error:
        return 0
    if len(parts) != 3 or parts[0] != b"ssh-rsa":  # noqa: PLR2004 - its kind, exponent, modulus
        return 0
    return int.from_bytes(parts[2]).bit_length()
