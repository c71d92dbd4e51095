"""The views that show the results of tasks to people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mantodeus_ops.backup.views import backup, backups, prune, transfer, verify
from mantodeus_ops.env.views import change_view, check_view, diff_view, variables
from mantodeus_ops.monitor.views import HEALTH, check, clean, health, logs, status
from mantodeus_ops.monitor.watch_view import watch
from mantodeus_ops.ssh.views import ssh_audit, ssh_check, ssh_key, ssh_trust
from mantodeus_ops.ui.formatters import as_bytes, as_moment, as_revision, as_seconds, newest
from mantodeus_ops.ui.layout import (
    NOTHING,
    Column,
    Data,
    Part,
    Row,
    View,
    field,
    grid,
    phrase,
    rows,
    words,
)
from mantodeus_ops.webhook.views import (
    deliveries,
    delivery,
    ping,
    poll,
    receiver,
    secret,
    webhook,
)

__all__ = [
    "backup",
    "backups",
    "change_view",
    "check",
    "check_view",
    "clean",
    "deliveries",
    "delivery",
    "deploy",
    "diff_view",
    "fields",
    "generic",
    "health",
    "history",
    "logs",
    "ping",
    "poll",
    "prune",
    "receiver",
    "secret",
    "ssh_audit",
    "ssh_check",
    "ssh_key",
    "ssh_trust",
    "status",
    "transfer",
    "variables",
    "verify",
    "watch",
    "webhook",
]

_NOT_ASKED = "unknown"  # health was not requested
_COMMON = frozenset(
    {"task", "host", "ok", "status", "exit_code", "seconds", "error", "hint", "code"}
)


def fields(*keys: str) -> View:
    """Return a view for any task: all keys on the card, and these keys as columns."""
    return View(_everything, tuple((words(key), field(key)) for key in keys))


def _everything(data: Data) -> Iterable[Part]:
    """Return a row for each key that not all tasks share."""
    return [Row(words(key), phrase(data[key])) for key in data if key not in _COMMON]


def _deploy_card(data: Data) -> Iterable[Part]:
    """Return the result of a deploy, or its plan; the steps were shown as they ended."""
    health = field("health")(data)
    return rows(
        Row("revision", field("revision", show=as_revision)(data)),
        Row("previous", field("previous_revision", show=as_revision)(data)),
        Row("backup", field("backup")(data)),
        Row("health", "" if health == _NOT_ASKED else health, HEALTH.get(health, "")),
        Row("rolled back", "yes" if data.get("rolled_back") else "", "yellow"),
        *_plan(data.get("plan") or {}),
    )


def _plan(plan: Data) -> Iterable[Row]:
    """Return the rows of a dry run's plan; none when there is no plan."""
    if not plan:
        return ()
    disk = (
        f"{as_bytes(plan.get('disk_needed_bytes'))} of {as_bytes(plan.get('disk_free_bytes'))} free"
    )
    installs = "yes" if plan.get("installs") else "no"
    reason = field("installs_reason", "reason")(plan)
    return (
        Row("commits", phrase(plan.get("commits") or "none")),
        Row("installs", installs if reason == NOTHING else f"{installs}: {reason}"),
        Row("would run", phrase(plan.get("commands") or "nothing")),
        Row("disk", "" if plan.get("disk_needed_bytes") is None else disk),
    )


_HISTORY: tuple[Column, ...] = (
    ("when", field("at", "when", "finished_at", "started_at", show=as_moment)),
    ("task", field("task")),
    ("status", field("status", show=words)),
    ("revision", field("revision", show=as_revision)),
    ("who", field("who", "by", "user")),
    ("from", field("from")),
    ("took", field("seconds", show=as_seconds)),
)


def _history_card(data: Data) -> Iterable[Part]:
    """Return the history, newest first, with the reason below each entry."""
    entries = list(data.get("entries") or ())
    why = field("reason", "why", "error", show=str)
    below = tuple(why(entry).removeprefix(NOTHING) for entry in entries)
    return [replace(grid(entries, _HISTORY), below=below)] if entries else [Row("entries", "none")]


generic = fields()
deploy = View(
    _deploy_card,
    (
        ("revision", field("revision", show=as_revision)),
        ("previous", field("previous_revision", show=as_revision)),
        ("health", field("health")),
        ("backup", field("backup")),
    ),
)
history = View(_history_card, newest("entries", _HISTORY[:4]))
