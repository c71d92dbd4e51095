"""The tasks backup.create, list, verify and prune."""

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
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from mantodeus_ops.transaction.steps import Steps

_RED = 7


def create(host: Host) -> TaskResult:
    """Create a backup, prune older ones, copy it off the host; return its manifest."""
    with deploy_lock(host, "backup") as lock:
        facts = recover_and_gather_facts(host, lock, "health")
        if host.dry_run:
            archive = f"{host.app.backup_dir}/backup-….tar.gz"
            host.preview(Command(("tar", "-czf", archive, *facts["backup_paths"])))
            preview_offsite(host, "backup-…")
            return TaskResult("success")
        steps = Steps(host)
        manifest = steps.run(backup_job(host, facts, reason="by hand")).result
        pruned = prune(host, pinned=[manifest.get("name", "")])
        data: JsonObject = {
            "backup": manifest.get("name", ""),
            "backup_seconds": manifest.get("seconds", 0.0),
            **manifest,
        }
        data["pruned"] = [backup["name"] for backup in pruned]
        data |= copy_offsite(host, steps, data)
    return TaskResult("success" if manifest.get("name") else "unchanged", data)


def listing(host: Host) -> TaskResult:
    """Return all backups, newest first, with their differences from the live state."""
    answer = host.query(LIST_STATES, timeout=600, paths=paths(host), exact=False)
    backups = [
        {
            **backup,
            "size_bytes": backup["bytes"],
            # A clock that was set back must not give negative ages.
            "age_seconds": max(0.0, round(answer["now"] - backup["at"], 1)),
        }
        for backup in answer["backups"]
    ]
    for name in answer["partial"]:
        host.info(f"{name} has a manifest but no complete archive; it is not listed")
    return TaskResult("success", {"backups": backups})


def verify(host: Host, name: str) -> TaskResult:
    """Verify all backups, or the named one; exit code 7 when one is damaged."""
    names = [backup_name(name)] if name else []
    job = program_job(host, "verify", VERIFY_BACKUPS, names=names, places=paths(host))
    results = Steps(host).run(job).result["results"]
    broken = [result for result in results if not result["ok"]]
    data = {"results": results}
    if not broken:
        return TaskResult("success", data)
    reasons = "; ".join(f"{result['name']}: {result['reason']}" for result in broken)
    hint = "backup" if not name else "backup.list"
    return TaskResult("failed", data, _RED, f"{len(broken)} of {len(results)}: {reasons}", hint)


def prune_by_hand(host: Host) -> TaskResult:
    """Delete the backups outside the retention; return them and the bytes freed."""
    with deploy_lock(host, "prune") as lock:
        if not host.dry_run:
            recover_and_gather_facts(host, lock)
        pruned = prune(host, dry=host.dry_run)
        for backup in pruned if host.dry_run else ():
            host.preview(Command(("rm", f"{host.app.backup_dir}/{backup['name']}.tar.gz")))
    freed = sum(backup["bytes"] for backup in pruned)
    if pruned:
        host.info(f"{len(pruned)} backups, {human_bytes(freed)} including shared bytes")
    data = {
        "pruned": [backup["name"] for backup in pruned],
        "bytes": freed,
        "dry_run": host.dry_run,
    }
    return TaskResult("success" if pruned else "unchanged", data)
