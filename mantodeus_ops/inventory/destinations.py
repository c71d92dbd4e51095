"""Validators for notification URLs and offsite repositories."""

from __future__ import annotations

import re

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.validators import line, url

_NAMED = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:(?:/|~/).+")


# Tokens in webhook addresses of services.
_TOKEN = re.compile(
    r"/(?=[^/?#]*[0-9])[A-Za-z0-9_-]{16,}(?:[/?#]|$)|[?&](?:token|key|secret)=", re.IGNORECASE
)


_WANTED = (
    "must be env:NAME (a variable of the command's environment), file:PATH (a private file there),"
    " or an http address that holds no token"
)


def notify_url(value: object) -> str:
    """Return a destination of notifications; raise InventoryError for one with a secret."""
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
    """Return the offsite destination: an engine and its location, without a secret."""
    text = line(value)
    engine, _, location = text.partition(":")
    if (
        engine not in {"restic", "rclone"}
        or not location
        or location.startswith("-")
        or " " in location
    ):
        raise InventoryError(f"{_FORM}, without blanks")
    if _PASSWORD.search(location) or _PARAMETER.search(location):
        reason = "must not hold a login or a key: the inventory never holds secrets"
        raise InventoryError(f"{reason}; put it into the file that offsite_env names")
    if engine == "rclone" and not _REMOTE.fullmatch(location):
        raise InventoryError(f"{_FORM}; REMOTE is a name in rclone's configuration")
    return text
