"""The backup tasks of a person: make one, list them, prove them, delete the old ones."""

from __future__ import annotations

from mantodeus_ops.backup.job import backup_job, paths, prune
from mantodeus_ops.backup.naming import backup_name
from mantodeus_ops.backup.offsite import copy_offsite, preview_offsite
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.programs import LIST_STATES, VERIFY_BACKUPS
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import human_bytes
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.recover import ready
from mantodeus_ops.transaction.steps import Steps

_RED = 7


def create(host: Host) -> TaskResult:
    """Make a backup, prune the older ones, copy it off the host; return its manifest."""
    with deploy_lock(host, "backup") as lock:
        facts = ready(host, lock, "health")
        if host.dry_run:
            archive = f"{host.app.backup_dir}/backup-….tar.gz"
            host.preview(Command(("tar", "-czf", archive, *paths(host))))
            preview_offsite(host, "backup-…")
            return TaskResult("success")
        steps = Steps(host)
        made = steps.run(backup_job(host, facts, reason="by hand")).result
        pruned = prune(host, pinned=[made.get("name", "")])
        told: JsonObject = {
            "backup": made.get("name", ""),
            "backup_seconds": made.get("seconds", 0.0),
            **made,
        }
        told["pruned"] = [one["name"] for one in pruned]
        told |= copy_offsite(host, steps, told)
    return TaskResult("success" if made.get("name") else "unchanged", told)


def listing(host: Host) -> TaskResult:
    """Return every backup, newest first, with what differs in it from what is live."""
    seen = host.query(LIST_STATES, timeout=600, paths=paths(host), exact=False)
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
        host.info(f"{name} has a manifest and no whole archive: it is not listed")
    return TaskResult("success", {"backups": found})


def verify(host: Host, name: str) -> TaskResult:
    """Return whether each backup, or the named one, is whole; exit code 7 when one is not."""
    names = [backup_name(name)] if name else []
    job = program_job(host, "verify", VERIFY_BACKUPS, names=names, places=paths(host))
    results = Steps(host).run(job).result["results"]
    broken = [one for one in results if not one["ok"]]
    data = {"results": results}
    if not broken:
        return TaskResult("success", data)
    told = "; ".join(f"{one['name']}: {one['reason']}" for one in broken)
    hint = "backup" if not name else "backup.list"
    return TaskResult("failed", data, _RED, f"{len(broken)} of {len(results)}: {told}", hint)


def prune_by_hand(host: Host) -> TaskResult:
    """Delete what the retention no longer wants; return what went and how much that freed."""
    with deploy_lock(host, "prune") as lock:
        if not host.dry_run:
            ready(host, lock)
        gone = prune(host, dry=host.dry_run)
        for one in gone if host.dry_run else ():
            host.preview(Command(("rm", f"{host.app.backup_dir}/{one['name']}.tar.gz")))
    freed = sum(one["bytes"] for one in gone)
    if gone:
        host.info(f"{len(gone)} backups, {human_bytes(freed)} with what they share")
    data = {"pruned": [one["name"] for one in gone], "bytes": freed, "dry_run": host.dry_run}
    return TaskResult("success" if gone else "unchanged", data)
