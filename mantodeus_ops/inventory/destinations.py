"""Destinations that a setting may name: notification URLs and offsite repositories."""

from __future__ import annotations

import re

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.validators import line, url

_NAMED = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:(?:/|~/).+")


# What services put into an address so that no stranger can post there.
_TOKEN = re.compile(
    r"/(?=[^/?#]*[0-9])[A-Za-z0-9_-]{16,}(?:[/?#]|$)|[?&](?:token|key|secret)=", re.IGNORECASE
)


_WANTED = (
    "must be env:NAME (a variable of the command's environment), file:PATH (a private file there),"
    " or an http address that holds no token"
)


def notify_url(value: object) -> str:
    """Return where notices go, or who knows where; raise InventoryError for a secret."""
    text = line(value)
    if _NAMED.fullmatch(text):
        return text
    if not text.startswith(("http://", "https://")) or _TOKEN.search(url(text)):
        raise InventoryError(_WANTED)
    return text


_FORM = 'must be "restic:REPOSITORY" or "rclone:REMOTE:PATH"'


_REMOTE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]*:[^:]*")


_PASSWORD = re.compile(r"//[^/@]*:[^/@]*@|https?:(?://)?[^/]*@", re.IGNORECASE)


_PARAMETER = re.compile(r"(?:KEY|SECRET|TOKEN|PASS|PASSWORD|SIG|SAS)[A-Z_-]*=", re.IGNORECASE)


def offsite(value: object) -> str:
    """Return where copies go: an engine, and what it calls the place; no secret is part of it."""
    text = line(value)
    engine, _, place = text.partition(":")
    if engine not in {"restic", "rclone"} or not place or place.startswith("-") or " " in place:
        raise InventoryError(f"{_FORM}, without blanks")
    if _PASSWORD.search(place) or _PARAMETER.search(place):
        reason = "must not hold a login or a key: no secret is ever in the inventory"
        raise InventoryError(f"{reason}; put it into the file that offsite_env names")
    if engine == "rclone" and not _REMOTE.fullmatch(place):
        raise InventoryError(f"{_FORM}; REMOTE is a name of rclone's own configuration")
    return text
