"""What the facts of an app amount to: online, degraded or offline, healthy or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .human import human_seconds
from .lock import describe, holder_line
from .outcome import Report
from .retention import Manifest, newest_first

Facts = Mapping[str, Any]
_RED = 7
_MEGABYTE = 1_000_000


def status_report(facts: Facts, *, app: str) -> Report:
    """Return the report of `status`; red unless every worker is online and the app is healthy."""
    workers = facts["pm2"]["workers"]
    online = [worker for worker in workers if worker["status"] == "online"]
    healthy = bool((facts["health"] or {}).get("healthy"))
    status = (
        "offline"
        if not online
        else "online"
        if healthy and len(online) == len(workers)
        else "degraded"
    )
    reason = (
        _pm2_reason(facts, app)
        or (facts["health"] or {}).get("reason")
        or f"{len(workers) - len(online)} of {len(workers)} workers not online"
    )
    return Report(
        status=status,
        data=_data(facts, workers, healthy=healthy),
        exit_code=0 if status == "online" else _RED,
        error="" if status == "online" else f"{app} is {status}: {reason}",
        hint="" if status == "online" else f"pm2 logs {app} --err --lines 50",
    )


def health_report(facts: Facts, *, url: str) -> Report:
    """Return the report of `health`; red unless the app is healthy."""
    health = facts["health"]
    data = {
        "health": "healthy" if health["healthy"] else "unhealthy",
        "url": url,
        "http_status": health.get("status", 0),
    }
    if health["healthy"]:
        return Report("online", data | {"latency_seconds": round(health["seconds"], 3)})
    return Report(
        "degraded",
        data | {"reason": health["reason"]},
        _RED,
        f"unhealthy: {health['reason']}",
        "deploy.restart",
    )


def _pm2_reason(facts: Facts, app: str) -> str:
    pm2 = facts["pm2"]
    if pm2.get("error"):
        return str(pm2["error"])
    if not pm2["daemon"]:
        return "the PM2 daemon is not running"
    return "" if pm2["workers"] else f"PM2 knows no app named {app}"


def _data(facts: Facts, workers: list[dict[str, Any]], *, healthy: bool) -> dict[str, Any]:
    git, backups = facts["git"], [Manifest.of(manifest) for manifest in facts["backups"]]
    since = max(
        (worker["up_since"] for worker in workers if worker["status"] == "online"), default=0
    )
    uptime = max(0, int(facts["now"] - since)) if since else 0
    return {
        "pm2_status": _pm2_status(facts, workers),
        "health": "healthy" if healthy else "unhealthy",
        "uptime_seconds": uptime,
        "uptime_human": human_seconds(uptime) if since else "",
        "memory_mb": round(sum(worker["memory"] for worker in workers) / _MEGABYTE, 1),
        "cpu_percent": round(sum(worker["cpu"] for worker in workers), 1),
        "restarts": sum(worker["restarts"] for worker in workers),
        "git_commit": git.get("head", ""),
        "git_branch": git.get("branch", ""),
        "git_uncommitted_changes": len(git.get("dirty", ())),
        "backups": len(backups),
        "last_good_backup": next(
            (one.name for one in newest_first(backups) if one.verdict == "good"), ""
        ),
        "lock": _lock(facts["lock"]),
        "last_deploy": facts["history"][-1] if facts["history"] else None,
        "disk_free_bytes": facts["disk"]["free"],
    }


def _pm2_status(facts: Facts, workers: list[dict[str, Any]]) -> str:
    if not facts["pm2"]["daemon"]:
        return "daemon down"
    return ", ".join(sorted({worker["status"] for worker in workers})) or "missing"


def _lock(lock: Mapping[str, Any]) -> str:
    """Return who holds the lock, or why nobody may take it; empty when anybody may."""
    if lock["verdict"] in {"free", "dead"}:
        return ""
    return describe(lock) if lock["verdict"] == "frozen" else holder_line(lock)
