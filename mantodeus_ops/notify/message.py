"""The text of notifications, and the addresses they are sent to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mantodeus_ops.text.format import short
from mantodeus_ops.text.sanitize import fields, one_line, trimmed


def addresses(text: str) -> list[str]:
    """Return the addresses in a variable or file, separated by blanks; # starts a comment."""
    lines = map(trimmed, text.split("\n"))
    return [word for line in lines if not line.startswith("#") for word in fields(line)]


def apprise_url(address: str) -> str:
    """Return the address in Apprise's form: a plain http address receives JSON."""
    return re.sub(r"^http(s?)://", lambda match: f"json{match[1]}://", address)


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification: title, text and severity (info, success, warning, failure)."""

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


def notification(event: str, *, host: str, app: str, facts: Mapping[str, object]) -> Notification:
    """Return the notification of this event; its text lists the facts."""
    values = {
        key: short(str(value)) if "revision" in key else value for key, value in facts.items()
    }
    shown = {key: one_line(str(value)) for key, value in values.items() if value}
    lines = (f"{key.replace('_', ' ')}: {value}" for key, value in shown.items())
    return Notification(
        one_line(f"{app} on {host}: {event}"),
        "\n".join(lines),
        _KINDS[event.rsplit(": ", maxsplit=1)[-1]],
    )
