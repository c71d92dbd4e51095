"""Looks at a host: everything a task decides by, in one round trip."""

from __future__ import annotations

from typing import Any

from ..host.door import Host
from ..pure.places import looked_at
from ..pure.redaction import secrets_of

Facts = dict[str, Any]


def look(host: Host, *wants: str, history: int = 1) -> Facts:
    """Return the facts of the host and its app; what is secret there is hidden from now on.

    `wants` may name `health` (ask the app), `env` (read its variables, for hiding them) and
    `sealed` (go on where they cannot be read: then what the app said is not in the facts).
    Raise UnreachableError, HostError.
    """
    places = looked_at(host.app)
    facts = host.ask("look", want=[*wants, "env"], history=history, places=places)
    text = facts["env"].pop("text", None) or ""
    host.hide(secrets_of(text))
    facts["env"]["text"] = text if "env" in wants else ""
    return facts
