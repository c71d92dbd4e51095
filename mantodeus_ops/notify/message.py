"""Who hears of a deploy: addresses as an inventory may hold them, and what is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mantodeus_ops.text.format import short
from mantodeus_ops.text.sanitize import fields, one_line, trimmed


def addresses(text: str) -> list[str]:
    """Return the addresses in a variable or a file: one a line or word, # begins a comment."""
    lines = map(trimmed, text.split("\n"))
    return [word for line in lines if not line.startswith("#") for word in fields(line)]


def spoken(address: str) -> str:
    """Return the address as the notifier knows it: a plain http one takes JSON."""
    return re.sub(r"^http(s?)://", lambda found: f"json{found[1]}://", address)


@dataclass(frozen=True, slots=True)
class Notification:
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


def notification(what: str, *, host: str, app: str, facts: Mapping[str, object]) -> Notification:
    """Return the text about this event; `facts` stand below it, in their order."""
    told = {key: short(str(value)) if "revision" in key else value for key, value in facts.items()}
    shown = {key: one_line(str(value)) for key, value in told.items() if value}
    lines = (f"{key.replace('_', ' ')}: {value}" for key, value in shown.items())
    return Notification(
        one_line(f"{app} on {host}: {what}"),
        "\n".join(lines),
        _KINDS[what.rsplit(": ", maxsplit=1)[-1]],
    )
