"""The backup tasks of a person: make one, list them, prove them, delete the old ones."""

from __future__ import annotations

from typing import Any

from ..host.door import Host
from ..host.jobs import program_job
from ..pure.human import human_bytes
from ..pure.outcome import Report
from ..pure.shell import Command
from ..pure.target import named
from .backup import backup_job, paths, prune
from .lock import locked
from .offsite import copy_off, would_copy_off
from .recover import ready
from .steps import Steps

_RED = 7


def create(host: Host) -> Report:
    """Make a backup, prune the older ones, copy it off the host; return its manifest."""
    with locked(host, "backup") as lock:
        facts = ready(host, lock, "health")
        if host.dry_run:
            archive = f"{host.app.backup_dir}/backup-….tar.gz"
            host.would(Command(("tar", "-czf", archive, *paths(host))))
            would_copy_off(host, "backup-…")
            return Report("success")
        steps = Steps(host)
        made = steps.run(backup_job(host, facts, reason="by hand")).result
        pruned = prune(host, pinned=[made.get("name", "")])
        told = {"backup": made.get("name", ""), "backup_seconds": made.get("seconds", 0.0), **made}
        told["pruned"] = [one["name"] for one in pruned]
        told |= copy_off(host, steps, told)
    return Report("success" if made.get("name") else "unchanged", told)


def listing(host: Host) -> Report:
    """Return every backup, newest first, with what differs in it from what is live."""
    seen = host.ask("states", timeout=600, paths=paths(host), exact=False)
    found = [
        {
            **one,
            "size_bytes": one["bytes"],
            # A clock that was set back makes no backup younger than new.
            "age_seconds": max(0.0, round(seen["now"] - one["at"], 1)),
        }
        for one in seen["backups"]
    ]
    for name in seen["partial"]:
        host.note(f"{name} has a manifest and no whole archive: it is not listed")
    return Report("success", {"backups": found})


def verify(host: Host, name: str) -> Report:
    """Return whether each backup, or the named one, is whole; exit code 7 when one is not."""
    names = [named(name)] if name else []
    job = program_job(host, "verify", "verify", names=names, places=paths(host))
    results: list[dict[str, Any]] = Steps(host).run(job).result["results"]
    broken = [one for one in results if not one["ok"]]
    data = {"results": results}
    if not broken:
        return Report("success", data)
    told = "; ".join(f"{one['name']}: {one['reason']}" for one in broken)
    hint = "backup" if not name else "backup.list"
    return Report("failed", data, _RED, f"{len(broken)} of {len(results)}: {told}", hint)


def prune_by_hand(host: Host) -> Report:
    """Delete what the retention no longer wants; return what went and how much that freed."""
    with locked(host, "prune") as lock:
        if not host.dry_run:
            ready(host, lock)
        gone = prune(host, dry=host.dry_run)
        for one in gone if host.dry_run else ():
            host.would(Command(("rm", f"{host.app.backup_dir}/{one['name']}.tar.gz")))
    freed = sum(one["bytes"] for one in gone)
    if gone:
        host.note(f"{len(gone)} backups, {human_bytes(freed)} with what they share")
    data = {"pruned": [one["name"] for one in gone], "bytes": freed, "dry_run": host.dry_run}
    return Report("success" if gone else "unchanged", data)
