"""Gathers the facts of a host that tasks decide by, in one round trip."""

from __future__ import annotations

from mantodeus_ops.app.path_rules import paths_in_backup, paths_to_check
from mantodeus_ops.redaction.redactor import secrets_of
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import FACTS
from mantodeus_ops.remote.host import Host


def names_in_pm2(host: Host, facts: Facts) -> tuple[str, ...]:
    """Return the names in PM2 of the live version's apps, first the app of the inventory."""
    apps = tuple(app["name"] for app in facts["pm2"].get("apps", ()))
    return apps or (host.app.process_name,)


def gather_facts(host: Host, *wants: str, history: int = 1) -> Facts:
    """Return the facts of the host and its app; redact its secrets from now on.

    `wants` may hold `health` (ask the app), `env` (read its variables, to redact them) and `sealed`
    (continue when they cannot be read; the app's output is then left out of the facts).
    Raise UnreachableError, HostError.
    """
    places, paths = paths_to_check(host.app), paths_in_backup(host.app)
    facts = host.query(FACTS, want=[*wants, "env"], history=history, places=places, paths=paths)
    text = facts["env"].pop("text", None) or ""
    host.add_secrets(secrets_of(text))
    facts["env"]["text"] = text if "env" in wants else ""
    return facts
