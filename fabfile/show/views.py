"""How the results of the tasks look to people; those of backups are in a file of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .backup_views import backup, backups, moved, pruned, verified
from .cells import (
    as_bytes,
    as_count,
    as_moment,
    as_revision,
    as_seconds,
    joined,
    labelled,
    newest,
)
from .env_views import changed, env_checked, env_differs, variables
from .view import NOTHING, Column, Data, Part, Row, View, field, grid, phrase, rows, words

__all__ = [
    "backup",
    "backups",
    "changed",
    "deploy",
    "env_checked",
    "env_differs",
    "fields",
    "generic",
    "history",
    "moved",
    "pruned",
    "status",
    "variables",
    "verified",
]

_COMMON = frozenset({"task", "host", "ok", "status", "exit_code", "seconds", "error", "hint"})
_HEALTH = {"healthy": "green", "unhealthy": "red", "online": "green", "errored": "red"}


def fields(*keys: str) -> View:
    """Return a view for any task: all keys on the card, and these as columns."""
    return View(_everything, tuple((words(key), field(key)) for key in keys))


def _everything(data: Data) -> Iterable[Part]:
    """Return a row for each key that is the task's own."""
    return [Row(words(key), phrase(data[key])) for key in data if key not in _COMMON]


def _megabytes(value: object) -> str:
    return NOTHING if value is None else f"{phrase(value)} MB"


def _percent(value: object) -> str:
    return NOTHING if value is None else f"{phrase(value)} %"


_commit = field("git_commit", show=as_revision)
_uptime = field("uptime_human")
_memory = field("memory_mb", show=_megabytes)


def _status_card(data: Data) -> Iterable[Part]:
    """Return the state of the app, its process, its code and its safety net."""
    pm2, health = field("pm2_status")(data), field("health")(data)
    return rows(
        Row("pm2", pm2, _HEALTH.get(pm2, "yellow")),
        Row("health", health, _HEALTH.get(health, "yellow")),
        Row("uptime", joined(_uptime(data), _restarts(data.get("restarts")))),
        Row("memory", joined(_memory(data), labelled("cpu", _percent(data.get("cpu_percent"))))),
        Row("commit", _code(data)),
        Row("backups", field("backups", show=as_count)(data)),
        Row("lock", phrase(data.get("lock") or "free")),
        Row("last deploy", _last_deploy(data.get("last_deploy"))),
        Row("disk free", field("disk_free_bytes", show=as_bytes)(data)),
    )


def _restarts(count: object) -> str:
    """Return how often PM2 had to restart the app."""
    return "" if count is None else f"{count} restart{'' if count == 1 else 's'}"


def _code(data: Data) -> str:
    """Return what is checked out, and whether somebody changed it by hand."""
    changes = data.get("git_uncommitted_changes") or 0
    dirty = f"{changes} uncommitted change{'' if changes == 1 else 's'}" if changes else ""
    branch = field("git_branch")(data)
    return joined(" ".join(filter(None, (_commit(data), labelled("on", branch)))), dirty)


def _last_deploy(deploy: object) -> str:
    """Return what the last deploy came to."""
    if not isinstance(deploy, Mapping):
        return phrase(deploy or "never")
    revision = field("revision", "git_commit", show=as_revision)
    who = labelled("by", field("who", "by", "user")(deploy))
    when = field("at", "when", "finished_at", show=as_moment)
    return joined(field("status")(deploy), revision(deploy), when(deploy), who)


def _deploy_card(data: Data) -> Iterable[Part]:
    """Return what a deploy came to, or what it would do; its steps were shown as they ended."""
    return rows(
        Row("revision", field("revision", show=as_revision)(data)),
        Row("previous", field("previous_revision", show=as_revision)(data)),
        Row("backup", field("backup")(data)),
        Row("health", field("health")(data), _HEALTH.get(phrase(data.get("health")), "")),
        Row("rolled back", "yes" if data.get("rolled_back") else "", "yellow"),
        *_plan(data.get("plan") or {}),
    )


def _plan(plan: Data) -> Iterable[Row]:
    """Return what a dry run found out; nothing when there is no plan."""
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
    ("took", field("seconds", show=as_seconds)),
)


def _history_card(data: Data) -> Iterable[Part]:
    """Return the changes, newest first, each with why below it."""
    entries = list(data.get("entries") or ())
    why = field("reason", "why", "error", show=str)
    below = tuple(why(entry).removeprefix(NOTHING) for entry in entries)
    return [replace(grid(entries, _HISTORY), below=below)] if entries else [Row("entries", "none")]


generic = fields()
status = View(
    _status_card,
    (
        ("health", field("health")),
        ("uptime", _uptime),
        ("memory", _memory),
        ("restarts", field("restarts")),
        ("commit", _commit),
        ("branch", field("git_branch")),
    ),
)
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
