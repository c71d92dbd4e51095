"""Derives the results of status and health from facts."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from mantodeus_ops.backup.retention import Manifest, newest_first
from mantodeus_ops.findings import RED
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.public_check import PublicLook
from mantodeus_ops.remote.answers.facts import Facts, Health, HistoryEntry
from mantodeus_ops.remote.answers.lock import LockRecord
from mantodeus_ops.remote.answers.pm2 import AppState, Pm2, Worker
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.format import human_count, human_seconds
from mantodeus_ops.transaction.lock_messages import describe, holder_line

LOOP = 3  # ends by itself within the window that the host counts, which is ten minutes
HEALTH = "health endpoint answers"  # the line of a checklist that is about the app itself
_MEGABYTE = 1_000_000
_DEPLOYS = ("deploy", "rollback")


def status_report(facts: Facts, *, app: str, env_file: str = ".env") -> TaskResult:
    """Return the result of `status`; exit code 7 unless all workers are online and healthy.

    Also 7 when `.env` cannot be read: the app would not start again.
    """
    workers = facts["pm2"]["workers"]
    sealed = facts["env"].get("error", "")
    wrong = _wrong(facts, app)
    online = any(worker["status"] == "online" for worker in workers)
    status = "degraded" if online and (wrong or sealed) else "online" if online else "offline"
    error = f"{app} is {status}: {'; '.join(filter(None, (wrong, sealed)))}"
    return TaskResult(
        status=status,
        data=_data(facts, workers),
        exit_code=0 if status == "online" else RED,
        error="" if status == "online" else error,
        hint=_status_hint(facts, status, wrong, env_file),
    )


def is_healthy(facts: Facts) -> bool:
    """Return whether the app answered as it should; false, too, where it was not asked."""
    return bool(facts["health"] and facts["health"]["healthy"])


def health_word(health: Health | None) -> str:
    """Return healthy, unhealthy, or not asked for an app without HTTP that stays up."""
    if not health or not health["healthy"]:
        return "unhealthy"
    return "healthy" if health.get("asked", True) else "not asked"


def _wrong(facts: Facts, app: str) -> str:
    """Return why the app is degraded; empty when all workers are online and healthy."""
    workers, health = facts["pm2"]["workers"], facts["health"]
    away = [worker for worker in workers if worker["status"] != "online"]
    if workers and not away and is_healthy(facts):
        return ""
    reason = _pm2_reason(facts, app) or (health and health.get("reason"))
    return reason or f"{len(away)} of {len(workers)} workers not online"


def _status_hint(facts: Facts, status: str, wrong: str, env_file: str) -> str:
    if status == "online":
        return ""
    return recovery_command(facts["pm2"]) if wrong else f"namei -l {shlex.quote(env_file)}"


def health_report(health: Health, *, url: str, outside: PublicLook | None = None) -> TaskResult:
    """Return the result of `health`; exit code 7 unless healthy on the host and from outside."""
    data: JsonObject = {
        "health": health_word(health),
        "url": url,
        "http_status": health.get("status", 0),
    }
    if outside is not None:
        data["public"] = dict(outside)
    if not health["healthy"]:
        data |= {"reason": health["reason"], "errors": list(health.get("errors") or ())}
        return TaskResult(
            "degraded",
            data,
            RED,
            f"unhealthy: {health['reason']}",
            _health_hint(health, url),
        )
    if health.get("asked", True):
        data["latency_seconds"] = round(health["seconds"], 3)
    if outside is not None and not outside["ok"]:
        return TaskResult(
            "degraded",
            data,
            RED,
            f"healthy on the host, but not from here: {outside['reason']}",
            f"curl -sSI {outside['url']}",
        )
    return TaskResult("online", data)


def recovery_command(pm2: Pm2) -> str:
    """Return the command that restores an app, or shows why it does not start."""
    running = any(worker["status"] == "online" for worker in pm2["workers"])
    if not running and not pm2.get("error"):
        return "restart"
    ill = [app for app in pm2.get("apps", ())[1:] if not _is_up(app)]
    if ill and ill[0]["status"] in {"missing", "stopped"}:
        return "restart"
    return f"logs --err --app {shlex.quote(ill[0]['name'])}" if ill else "logs --err"


def _is_up(app: AppState) -> bool:
    """Return whether an app runs, or rests until PM2 starts it."""
    return app["status"] == "online" or (app["rests"] and app["status"] == "stopped")


def crash_loop(facts: Facts) -> bool:
    """Return whether the app is in a crash loop."""
    seen = (*facts["pm2"]["workers"], *facts["pm2"].get("apps", ()))
    errored = any(one["status"] == "errored" for one in seen)
    return errored or facts.get("crashes", {}).get("count", 0) >= LOOP


def is_unhealthy(checks: Mapping[str, str] | None) -> bool:
    """Return whether the checks after a deploy show that the app itself is unhealthy.

    Other checks (logs, pages, backups) would not be fixed by a rollback.
    """
    return (checks or {}).get(HEALTH) == "fail"


def last_deploy(history: Sequence[HistoryEntry]) -> HistoryEntry | None:
    """Return the newest record of a deploy or a rollback; None when there was none."""
    return next((entry for entry in reversed(history) if entry.get("task") in _DEPLOYS), None)


def newest_good(facts: Facts) -> Manifest | None:
    """Return the newest backup that is known to be good; None when there is none."""
    listed = newest_first([Manifest.of(manifest) for manifest in facts["backups"]])
    return next(
        (manifest for manifest in listed if manifest.verdict == "good" and not manifest.damaged),
        None,
    )


def _health_hint(health: Health, url: str) -> str:
    body = str(health.get("body", ""))
    if health.get("status") == 400 and "/trpc/" in url and "BAD_REQUEST" in body:  # noqa: PLR2004
        query = "%7B%22json%22%3A%7B%22timestamp%22%3A{timestamp}%7D%7D"
        return f"health_url = '{url.partition('?')[0]}?input={query}' in the inventory"
    return "logs --err" if health.get("daemon", True) else "restart"


def _pm2_reason(facts: Facts, app: str) -> str:
    pm2 = facts["pm2"]
    if pm2.get("error"):
        return str(pm2["error"])
    if not pm2["daemon"]:
        return "the PM2 daemon is not running"
    if not pm2["workers"]:
        return f"PM2 knows no app named {app}"
    crashes = facts.get("crashes", {})
    if not crash_loop(facts) or not crashes.get("count"):
        return ""
    times, last = human_count(crashes["count"], "time"), crashes["last"]
    text = f"it crashed {times} in ten minutes"
    return f"{text}, last with {last['how']}" if last else text


def _data(facts: Facts, workers: list[Worker]) -> JsonObject:
    ages = [worker["age"] for worker in workers if worker["status"] == "online"]
    uptime = max(0, int(min(ages, default=0)))
    return {
        "pm2_status": _pm2_status(facts, workers),
        "health": health_word(facts["health"]),
        "uptime_seconds": uptime,
        "uptime_human": human_seconds(uptime) if ages else "",
        "memory_mb": round(sum(worker["memory"] for worker in workers) / _MEGABYTE, 1),
        "cpu_percent": round(sum(worker["cpu"] for worker in workers), 1),
        "restarts": sum(worker["restarts"] for worker in workers),
        "crashes": facts.get("crashes", {}).get("count", 0),
        "crash_loop": crash_loop(facts),
        "apps": _apps(facts["pm2"]),
        **_code(facts),
        **_net(facts),
        "lock": _lock(facts["lock"]),
        "last_deploy": last_deploy(facts["history"]),
        "disk_free_bytes": facts["disk"]["free"],
    }


def _apps(pm2: Pm2) -> list[JsonObject]:
    """Return every app of the live version; the first is the one that is asked for its health."""
    return [
        {
            "name": app["name"],
            "status": app["status"],
            "pid": int(app["pid"]),
            "restarts": app["restarts"],
            "memory": app["memory"],
            "mode": app["mode"],
        }
        for app in pm2.get("apps", ())
    ]


def _code(facts: Facts) -> JsonObject:
    """Return the checkout and how far the remote is ahead; None where unknown."""
    git, remote = facts["git"], facts.get("remote") or {}
    return {
        "git_commit": git.get("head", ""),
        "git_branch": git.get("branch", ""),
        "git_uncommitted_changes": len(git.get("dirty", ())),
        "remote_commit": remote.get("head", ""),
        "behind": remote.get("behind"),
        "behind_reason": reason_in(str(remote.get("error", ""))),
    }


def _net(facts: Facts) -> JsonObject:
    """Return the backups available for a rollback."""
    good = newest_good(facts)
    return {
        "backups": len(facts["backups"]),
        "last_good_backup": good.name if good else "",
        "last_good_backup_age_seconds": max(0, int(facts["now"] - good.at)) if good else None,
    }


def _pm2_status(facts: Facts, workers: list[Worker]) -> str:
    if not facts["pm2"]["daemon"]:
        return "daemon down"
    if facts["pm2"].get("error"):
        return "unknown"
    return ", ".join(sorted({worker["status"] for worker in workers})) or "missing"


def _lock(lock: LockRecord) -> str:
    """Return the holder of the lock, or why it cannot be taken; empty when it is free."""
    if lock["verdict"] in {"free", "dead"}:
        return ""
    return describe(lock) if lock["verdict"] == "frozen" else holder_line(lock)
