"""What is not as it should be around the keys of both sides, each finding with what mends it."""

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
    """A file or folder on the way to keys: its mode, who owns it, and where it is."""

    mode: int
    uid: int
    path: str


@dataclass(frozen=True, slots=True)
class LocalAudit:
    """Our own side: whose it is, the private key, and the places that a login stands on."""

    uid: int
    private: str
    locked: bool
    places: tuple[PathPermissions, ...]
    forwards: bool


@dataclass(frozen=True, slots=True)
class RemoteAudit:
    """The host's side: the account's number, the places, who is let in, what is lent to it."""

    uid: int
    places: tuple[PathPermissions, ...]
    entries: Sequence[Entry]
    has_agent: bool
    typed: str  # the ssh command that leads there


def check_ours(ours: LocalAudit, host: str) -> Iterator[Finding]:
    """Yield what is wrong on our side."""
    for place in ours.places:
        yield from _writable(place, ours.uid, "", "on our side")
        if place.path == ours.private and place.mode & _OTHERS:
            text = f"others can read our key {place.path} (mode {place.mode & 0o777:o})"
            yield Finding(text, f"chmod 600 {shlex.quote(place.path)}")
    if ours.private and not ours.locked:
        text = f"our key {ours.private} has no passphrase: its file alone is enough to log in"
        yield Finding(text, f"ssh-keygen -p -f {shlex.quote(ours.private)}", stops=False)
    if ours.forwards:
        text = f"your own ssh lends {host} your agent: root there can use all of your keys"
        yield Finding(text, "set ForwardAgent no in ~/.ssh/config")


def check_theirs(theirs: RemoteAudit, known: Collection[bytes]) -> Iterator[Finding]:
    """Yield what is wrong in the account; `known` are the blobs of keys that we know."""
    for place in theirs.places:
        yield from _writable(place, theirs.uid, f"{theirs.typed} ", "on the host")
        own = place.path.endswith(_FOLDERS_OF_KEYS)
        if own and place.mode & _OTHERS and not place.mode & _OTHERS_WRITE:
            text = f"others can look into {place.path} on the host (mode {place.mode & 0o777:o})"
            yield Finding(text, f"{theirs.typed} chmod go= {shlex.quote(place.path)}", stops=False)
        if place.path.endswith("/authorized_keys2"):
            text = f"{place.path} is there too, which old servers also read"
            yield Finding(text, f"{theirs.typed} cat {shlex.quote(place.path)}", stops=False)
    if theirs.has_agent:
        text = "the host has an agent in our session: its keys are within reach of root there"
        yield Finding(text, "set ForwardAgent no in ~/.ssh/config")
    for entry in theirs.entries:
        yield from _entry(entry, known)


def check_door(offer: Offer, methods: Iterable[str], host: str) -> Iterator[Finding]:
    """Yield what is wrong with what the server offers to every client."""
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
    found = weak(offer)
    for broken in (True, False):
        names = [f"{KINDS[one.kind]} {one.name}" for one in found if one.broken is broken]
        if names:
            how = "broken" if broken else "doubtful"
            text = f"{host} also offers what is {how}: {', '.join(names)}"
            yield Finding(
                text, "upgrade the SSH server, or name better ones in sshd_config", broken
            )


def _writable(place: PathPermissions, uid: int, door: str, where: str) -> Iterator[Finding]:
    # In a sticky folder an account cannot replace what is another's.
    if place.mode & _OTHERS_WRITE and not place.mode & _STICKY:
        text = f"others can write {place.path} {where} (mode {place.mode & 0o777:o})"
        yield Finding(text, f"{door}chmod go-w {shlex.quote(place.path)}")
    if place.uid not in (_ROOT, uid):
        text = f"{place.path} {where} belongs to another account (uid {place.uid})"
        yield Finding(text, f"{door}ls -ld {shlex.quote(place.path)}")


def _entry(entry: Entry, known: Collection[bytes]) -> Iterator[Finding]:
    told = f"authorized_keys line {entry.line}: {entry.kind} {entry.fingerprint}"
    named = f"{told} {entry.comment}".rstrip(" ")
    if entry.blob not in known:
        hint = "keep its .pub beside hosts.toml if you know whose it is; else take the line out"
        yield Finding(f"{named} is a key that we do not know", hint)
    bits = rsa_bits(entry.blob)
    if entry.kind == "ssh-dss" or 0 < bits < _SHORTEST:
        yield Finding(f"{named} is of a broken kind", "have its owner make an ed25519 key")
    elif entry.kind.startswith("ecdsa-") or 0 < bits < _SHORT:
        size = f" of {bits} bits" if bits else ""
        text = f"{named} is of a doubtful kind{size}"
        yield Finding(text, "have its owner make an ed25519 key", stops=False)


def rsa_bits(blob: bytes) -> int:
    """Return how many bits the modulus of an RSA key has; 0 for any other key."""
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
