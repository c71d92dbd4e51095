"""The backup tasks of a person: make one, list them."""

from __future__ import annotations

from ..host.door import Host
from ..pure.outcome import Report
from ..pure.shell import Command
from .backup import backup_job, prune
from .facts import look
from .lock import locked
from .recover import recover
from .steps import Steps


def create(host: Host) -> Report:
    """Make a backup and prune the older ones; return its manifest."""
    with locked(host, "backup") as lock:
        facts = look(host, "health")
        if host.dry_run:
            host.would(
                Command(
                    (
                        "tar",
                        "-czf",
                        f"{host.app.backup_dir}/backup-….tar.gz",
                        *host.app.backup_paths,
                    )
                )
            )
            return Report("success")
        recover(host, lock, facts)
        made = Steps(host).run(backup_job(host, facts, reason="by hand")).result
        pruned = prune(host)
        return Report(
            "success" if made.get("name") else "unchanged",
            {"backup": made.get("name", ""), **made, "pruned": list(pruned)},
        )


def listing(host: Host) -> Report:
    """Return every backup, newest first."""
    found = sorted(look(host)["backups"], key=lambda one: one.get("sequence", 0), reverse=True)
    return Report(
        "success", {"backups": [{**one, "size_bytes": one.get("bytes", 0)} for one in found]}
    )
