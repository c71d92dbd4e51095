"""Matches and edits lines of a known_hosts file, as sshd(8) describes them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable

from mantodeus_ops.text.sanitize import fields

_DEFAULT_PORT = 22
_LINES = re.compile(r"[^\n]*\n|[^\n]+")  # splitlines would also split inside a comment


def host_pattern(address: str, port: int) -> str:
    """Return the name of a host in known_hosts: the address, or `[address]:port` if not 22."""
    name = address.lower()
    return name if port == _DEFAULT_PORT else f"[{name}]:{port}"


def matches_host(names: Iterable[str], host: str) -> bool:
    """Return whether one of a line's names, plain or hashed, is this host."""
    return any(_is_host(name, host) for name in names)


def _is_host(name: str, host: str) -> bool:
    if not name.startswith("|1|"):
        return name.lower() == host
    salt, _, digest = name.removeprefix("|1|").partition("|")
    try:
        key, expected = base64.b64decode(salt), base64.b64decode(digest)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(key, host.encode(), hashlib.sha1).digest(), expected)


def with_pinned_key(text: str, host: str, key: str) -> str:
    """Return the text with this key (kind and base64) as the host's only pinned key.

    Other hosts, revoked keys and comments stay unchanged; a line with several names keeps the
    others.
    """
    rest = "".join(_without_host(line, host) for line in _LINES.findall(text))
    end = "\n" if rest and not rest.endswith("\n") else ""
    return f"{rest}{end}{host} {key}\n"


def _without_host(line: str, host: str) -> str:
    words = fields(line, 2)
    if not words or words[0].startswith(("#", "@")):
        return line
    names = words[0].split(",")
    rest = [name for name in names if not _is_host(name, host)]
    if rest == names:
        return line
    return line.replace(words[0], ",".join(rest), 1) if rest else ""
