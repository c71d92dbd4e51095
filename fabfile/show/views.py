"""How the results of the tasks look to people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from ..pure.human import human_bytes, human_seconds, human_time, short
from .view import NOTHING, Column, Data, Part, Row, View, field, grid, phrase, rows, words

_COMMON = frozenset({"task", "host", "ok", "status", "exit_code", "seconds", "error", "hint"})
_HEALTH = {"healthy": "green", "unhealthy": "red", "online": "green", "errored": "red"}


def fields(*keys: str) -> View:
    """Return a view for any task: all keys on the card, and these as columns."""
    return View(_everything, tuple((words(key), field(key)) for key in keys))


def _everything(data: Data) -> Iterable[Part]:
    """Return a row for each key that is the task's own."""
    return [Row(words(key), phrase(data[key])) for key in data if key not in _COMMON]


def _bytes(value: object) -> str:
    return human_bytes(value) if isinstance(value, int | float) else phrase(value)


def _seconds(value: object) -> str:
    return human_seconds(value) if isinstance(value, int | float) else phrase(value)


def _moment(value: object) -> str:
    return human_time(value) if isinstance(value, int | float) else phrase(value)


def _revision(value: object) -> str:
    return short(phrase(value))


def _count(value: object) -> str:
    return str(len(value)) if isinstance(value, list | tuple) else phrase(value)


def _megabytes(value: object) -> str:
    return NOTHING if value is None else f"{phrase(value)} MB"


def _percent(value: object) -> str:
    return NOTHING if value is None else f"{phrase(value)} %"


_commit = field("git_commit", show=_revision)
_uptime = field("uptime_human")
_memory = field("memory_mb", show=_megabytes)


def _status_card(data: Data) -> Iterable[Part]:
    """Return the state of the app, its process, its code and its safety net."""
    pm2, health = field("pm2_status")(data), field("health")(data)
    return rows(
        Row("pm2", pm2, _HEALTH.get(pm2, "yellow")),
        Row("health", health, _HEALTH.get(health, "yellow")),
        Row("uptime", _joined(_uptime(data), _restarts(data.get("restarts")))),
        Row("memory", _joined(_memory(data), _labelled("cpu", _percent(data.get("cpu_percent"))))),
        Row("commit", _code(data)),
        Row("backups", field("backups", show=_count)(data)),
        Row("lock", phrase(data.get("lock") or "free")),
        Row("last deploy", _last_deploy(data.get("last_deploy"))),
        Row("disk free", field("disk_free_bytes", show=_bytes)(data)),
    )


def _joined(*parts: str) -> str:
    """Return the parts that say something, with commas."""
    return ", ".join(part for part in parts if part not in {"", NOTHING})


def _labelled(label: str, text: str) -> str:
    return "" if text == NOTHING else f"{label} {text}"


def _restarts(count: object) -> str:
    """Return how often PM2 had to restart the app."""
    return "" if count is None else f"{count} restart{'' if count == 1 else 's'}"


def _code(data: Data) -> str:
    """Return what is checked out, and whether somebody changed it by hand."""
    changes = data.get("git_uncommitted_changes") or 0
    dirty = f"{changes} uncommitted change{'' if changes == 1 else 's'}" if changes else ""
    branch = field("git_branch")(data)
    return _joined(" ".join(filter(None, (_commit(data), _labelled("on", branch)))), dirty)


def _last_deploy(deploy: object) -> str:
    """Return what the last deploy came to."""
    if not isinstance(deploy, Mapping):
        return phrase(deploy or "never")
    revision = field("revision", "git_commit", show=_revision)
    who = _labelled("by", field("who", "by", "user")(deploy))
    when = field("at", "when", "finished_at", show=_moment)
    return _joined(field("status")(deploy), revision(deploy), when(deploy), who)


def _deploy_card(data: Data) -> Iterable[Part]:
    """Return what a deploy came to, or what it would do; its steps were shown as they ended."""
    return rows(
        Row("revision", field("revision", show=_revision)(data)),
        Row("previous", field("previous_revision", show=_revision)(data)),
        Row("backup", field("backup")(data)),
        Row("health", field("health")(data), _HEALTH.get(phrase(data.get("health")), "")),
        Row("rolled back", "yes" if data.get("rolled_back") else "", "yellow"),
        *_plan(data.get("plan") or {}),
    )


def _plan(plan: Data) -> Iterable[Row]:
    """Return what a dry run found out; nothing when there is no plan."""
    if not plan:
        return ()
    disk = f"{_bytes(plan.get('disk_needed_bytes'))} of {_bytes(plan.get('disk_free_bytes'))} free"
    installs = "yes" if plan.get("installs") else "no"
    reason = field("installs_reason", "reason")(plan)
    return (
        Row("commits", phrase(plan.get("commits") or "none")),
        Row("installs", installs if reason == NOTHING else f"{installs}: {reason}"),
        Row("would run", phrase(plan.get("commands") or "nothing")),
        Row("disk", "" if plan.get("disk_needed_bytes") is None else disk),
    )


_HISTORY: tuple[Column, ...] = (
    ("when", field("at", "when", "finished_at", "started_at", show=_moment)),
    ("task", field("task")),
    ("status", field("status")),
    ("revision", field("revision", show=_revision)),
    ("who", field("who", "by", "user")),
    ("took", field("seconds", show=_seconds)),
    ("why", field("reason", "why", "error")),
)
_BACKUPS: tuple[Column, ...] = (
    ("backup", field("name", "backup")),
    ("size", field("size_bytes", "bytes", "size", show=_bytes)),
    ("revision", field("revision", show=_revision)),
    ("verdict", field("verdict")),
    ("reason", field("reason")),
)


def _listing(key: str, columns: tuple[Column, ...]) -> Callable[[Data], Iterable[Part]]:
    """Return a card that is the table of the entries under a key."""

    def card(data: Data) -> Iterable[Part]:
        entries = list(data.get(key) or ())
        return [grid(entries, columns)] if entries else [Row(key, "none")]

    return card


def _newest(key: str, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the columns for the first entry under a key, which is the newest."""

    def of_newest(cell: Callable[[Data], str]) -> Callable[[Data], str]:
        return lambda data: next(map(cell, data.get(key) or ()), NOTHING)

    newest = ((title, of_newest(cell)) for title, cell in columns)
    return tuple(chain([(key, field(key, show=_count))], newest))


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
        ("revision", field("revision", show=_revision)),
        ("previous", field("previous_revision", show=_revision)),
        ("health", field("health")),
        ("backup", field("backup")),
    ),
)
history = View(_listing("entries", _HISTORY), _newest("entries", _HISTORY[:4]))
backups = View(_listing("backups", _BACKUPS), _newest("backups", _BACKUPS[:4]))
backup = generic
verified = generic
pruned = generic
moved = generic
