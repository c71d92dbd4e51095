"""Who hears of a deploy: addresses as an inventory may hold them, and what is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clean import fields, one_line, trimmed
from .errors import InventoryError
from .human import short
from .readers import line, url

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


def addresses(text: str) -> list[str]:
    """Return the addresses in a variable or a file: one a line or word, # begins a comment."""
    lines = map(trimmed, text.split("\n"))
    return [word for line in lines if not line.startswith("#") for word in fields(line)]


def spoken(address: str) -> str:
    """Return the address as the notifier knows it: a plain http one takes JSON."""
    return re.sub(r"^http(s?)://", lambda found: f"json{found[1]}://", address)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said: a title, a text, and how bad it is (info, success, warning, failure)."""

    title: str
    text: str
    kind: str


_KINDS = {
    "started": "info",
    "done": "success",
    "failed": "failure",
    "rolled back": "warning",
    "health lost": "failure",
    "health regained": "success",
}


def notice(what: str, *, host: str, app: str, facts: Mapping[str, Any]) -> Notice:
    """Return the text about this event; `facts` stand below it, in their order."""
    told = {key: short(str(value)) if "revision" in key else value for key, value in facts.items()}
    shown = {key: one_line(str(value)) for key, value in told.items() if value}
    lines = (f"{key.replace('_', ' ')}: {value}" for key, value in shown.items())
    return Notice(
        one_line(f"{app} on {host}: {what}"),
        "\n".join(lines),
        _KINDS[what.rsplit(": ", maxsplit=1)[-1]],
    )
