"""The text of a known_hosts file, as sshd(8) describes it: whom a line means, and edits."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable

from mantodeus_ops.text.sanitize import fields

_DEFAULT_PORT = 22
_LINES = re.compile(r"[^\n]*\n|[^\n]+")  # splitlines would also end a line within a comment


def host_pattern(address: str, port: int) -> str:
    """Return the name under which a host is pinned: alone at port 22, else `[address]:port`."""
    name = address.lower()
    return name if port == _DEFAULT_PORT else f"[{name}]:{port}"


def matches_host(names: Iterable[str], host: str) -> bool:
    """Return whether one of a line's names, which may be hashed, is this host."""
    return any(_means(name, host) for name in names)


def _means(name: str, host: str) -> bool:
    if not name.startswith("|1|"):
        return name.lower() == host
    salt, _, digest = name.removeprefix("|1|").partition("|")
    try:
        key, wanted = base64.b64decode(salt), base64.b64decode(digest)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(key, host.encode(), hashlib.sha1).digest(), wanted)


def with_pinned_key(text: str, host: str, key: str) -> str:
    """Return the text with this key (kind and base64) as the only pin of the host.

    Other hosts, revoked keys and comments stay byte for byte; a line that also names others keeps
    their names.
    """
    kept = "".join(_without(line, host) for line in _LINES.findall(text))
    end = "\n" if kept and not kept.endswith("\n") else ""
    return f"{kept}{end}{host} {key}\n"


def _without(line: str, host: str) -> str:
    words = fields(line, 2)
    if not words or words[0].startswith(("#", "@")):
        return line
    names = words[0].split(",")
    left = [name for name in names if not _means(name, host)]
    if left == names:
        return line
    return line.replace(words[0], ",".join(left), 1) if left else ""
