"""The views of status, health, checks, logs and cleanup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mantodeus_ops.text.format import human_count, human_seconds
from mantodeus_ops.ui.formatters import (
    as_bytes,
    as_count,
    as_moment,
    as_revision,
    as_seconds,
    joined,
    labelled,
)
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

HEALTH = {
    "healthy": "green",
    "unhealthy": "red",
    "not asked": "green",
    "online": "green",
    "errored": "red",
}


def _megabytes(value: object) -> str:
    return NOTHING if value is None else f"{phrase(value)} MB"


def _percent(value: object) -> str:
    return NOTHING if value is None else f"{phrase(value)} %"


_commit = field("git_commit", show=as_revision)
_uptime = field("uptime_human")
_memory = field("memory_mb", show=_megabytes)


_APPS: tuple[Column, ...] = (
    ("app", field("name")),
    ("status", field("status")),
    ("process", field("pid")),
    ("restarts", field("restarts")),
    ("memory", field("memory", show=as_bytes)),
    ("mode", field("mode")),
)


def _status_card(data: Data) -> Iterable[Part]:
    """Return the state of the app, its processes, its code and its safety net."""
    apps = list(data.get("apps") or ())
    beside = (grid(apps, _APPS),) if len(apps) > 1 else ()
    return (*_status_rows(data), *beside)


def _status_rows(data: Data) -> tuple[Row, ...]:
    pm2, health = field("pm2_status")(data), field("health")(data)
    return rows(
        Row("pm2", pm2, HEALTH.get(pm2, "yellow")),
        Row("health", health, HEALTH.get(health, "yellow")),
        Row("uptime", joined(_uptime(data), _restarts(data.get("restarts")))),
        Row("", _crashes(data), "red"),
        Row("memory", joined(_memory(data), labelled("cpu", _percent(data.get("cpu_percent"))))),
        Row("commit", _code(data)),
        Row("remote", _behind(data), "yellow" if data.get("behind") else ""),
        Row("last deploy", _last_deploy(data.get("last_deploy"))),
        Row("backups", _backups(data)),
        Row("lock", phrase(data.get("lock") or "free")),
        Row("disk free", field("disk_free_bytes", show=as_bytes)(data)),
    )


def _restarts(count: object) -> str:
    """Return how often PM2 had to restart the app."""
    return "" if count is None else f"{count} restart{'' if count == 1 else 's'}"


def _crashes(data: Data) -> str:
    """Return the number of crashes."""
    count = data.get("crashes") or 0
    if not count:
        return ""
    text = f"crashed {human_count(count, 'time')} in ten minutes"
    return f"crash loop: {text}" if data.get("crash_loop") else text


def _code(data: Data) -> str:
    """Return the checkout, and whether it was edited."""
    changes = data.get("git_uncommitted_changes") or 0
    dirty = f"{changes} uncommitted change{'' if changes == 1 else 's'}" if changes else ""
    branch = field("git_branch")(data)
    return joined(" ".join(filter(None, (_commit(data), labelled("on", branch)))), dirty)


def _behind(data: Data) -> str:
    """Return how far the remote is ahead of the deployed revision."""
    if data.get("behind_reason"):
        return f"unknown: {data['behind_reason']}"
    behind, ahead = data.get("behind"), field("remote_commit", show=as_revision)(data)
    if behind is None:
        return "" if ahead in {"", NOTHING} else f"has {ahead}, not fetched yet"
    return f"{human_count(behind, 'commit')} ahead: {ahead}" if behind else "nothing newer"


def _backups(data: Data) -> str:
    """Return the number of backups, and the age of the newest good one."""
    count, good = field("backups", show=as_count)(data), data.get("last_good_backup")
    if data.get("backups") is None:
        return ""
    age = data.get("last_good_backup_age_seconds")
    old = f", {human_seconds(age)} old" if age is not None else ""
    return joined(count, f"good: {good}{old}" if good else "none of them known to be good")


def _last_deploy(deploy: object) -> str:
    """Return the result of the last deploy."""
    if not isinstance(deploy, Mapping):
        return phrase(deploy or "never")
    revision = field("revision", "git_commit", show=as_revision)
    operator = labelled("by", field("who", "by", "user")(deploy))
    when = field("at", "when", "finished_at", show=as_moment)
    return joined(field("status", show=words)(deploy), revision(deploy), when(deploy), operator)


def _health_card(data: Data) -> Iterable[Part]:
    """Return the health check's URL, its answer, and the public check."""
    health = field("health")(data)
    status = data.get("http_status") or ""
    return rows(
        Row("health", health, HEALTH.get(health, "")),
        Row("asked", field("url")(data)),
        Row("answer", joined(phrase(status), _latency(data))),
        Row("reason", field("reason")(data), "red"),
        Row("app said", "\n".join(data.get("errors") or ()), "dim"),
        Row("from here", _public(data.get("public"))),
    )


def _latency(data: Data) -> str:
    return labelled("in", field("latency_seconds", show=as_seconds)(data))


def _public(public: object) -> str:
    """Return the result of the public check."""
    if not isinstance(public, Mapping):
        return ""
    days = public.get("tls_days")
    to = labelled("redirects to", field("location")(public))
    tls = "" if days is None else f"certificate for {days} days"
    if not public.get("ok"):
        return str(public.get("reason"))
    return joined(phrase(public.get("status")), _latency(public), to, tls)


_MARKS = {"ok": "✓", "warning": "!", "fail": "✗"}
_MARK_TONES = {"warning": "yellow", "fail": "red"}


def _check_card(data: Data) -> Iterable[Part]:
    """Return the checks, with the fix below each that is not ok."""
    return tuple(map(_check_row, data.get("lines") or ()))


def _check_row(line: Data) -> Row:
    result = str(line.get("result"))
    text = "\n→ ".join(filter(None, (phrase(line.get("evidence")), line.get("mend"))))
    return Row(f"{_MARKS.get(result, '?')} {line.get('name')}", text, _MARK_TONES.get(result, ""))


def _of(result: str) -> Callable[[Data], str]:
    """Return what names the lines with this result."""

    def names(data: Data) -> str:
        names_found = (line["name"] for line in data.get("lines") or () if line["result"] == result)
        return ", ".join(map(str, names_found))

    return names


_ROOM: tuple[Column, ...] = (
    ("frees", field("bytes", show=as_bytes)),
    ("what", field("what")),
    ("why it may go", field("why")),
)


def _clean_card(data: Data) -> Iterable[Part]:
    """Return the items that can be deleted, the largest first, and their sum."""
    items = list(data.get("items") or ())
    freed = field("freed_bytes", show=as_bytes)(data) if data.get("freed_bytes") else ""
    total = rows(
        Row("in all", field("bytes", show=as_bytes)(data) if items else "nothing to clear"),
        Row("freed", freed, "green"),
        Row("disk free", field("disk_free_bytes", show=as_bytes)(data)),
    )
    return [grid(items, _ROOM), *total] if items else total


status = View(
    _status_card,
    (
        ("health", field("health")),
        ("uptime", _uptime),
        ("memory", _memory),
        ("cpu", field("cpu_percent", show=_percent)),
        ("restarts", field("restarts")),
        ("commit", _commit),
        ("branch", field("git_branch")),
        ("behind", field("behind")),
        ("disk free", field("disk_free_bytes", show=as_bytes)),
    ),
)
health = View(
    _health_card,
    (("health", field("health")), ("answer", field("http_status")), ("latency", _latency)),
)
logs = View(lambda _: (), (), quiet=True)
check = View(_check_card, (("fails", _of("fail")), ("warnings", _of("warning"))))
clean = View(
    _clean_card,
    (
        ("would free", field("bytes", show=as_bytes)),
        ("freed", field("freed_bytes", show=as_bytes)),
        ("disk free", field("disk_free_bytes", show=as_bytes)),
    ),
)
