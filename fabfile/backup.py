"""Keep proven copies of what is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ops
from .host.task import task
from .pure.outcome import Report

if TYPE_CHECKING:
    from .host.door import Host

_NAME = {"name": "One backup, by its name or its file (all of them)."}
_FETCHED = {
    "name": "One backup, by its name or its file (the newest).",
    "to": "The folder to put it into (backups/HOST).",
}


@task(name="create", view="backup", changes=True, default=True)
def create(host: Host) -> Report:
    """Back up the live outputs, dependencies, lockfile and .env.

    fab -H manager backup
    """
    return ops.backups.create(host)


@task(name="list", view="backups")
def listing(host: Host) -> Report:
    """List the backups, newest first: age, revision, verdict, and what differs from live.

    fab -H manager backup.list
    fab -H manager backup.list --json
    """
    return ops.backups.listing(host)


@task(view="verified", options=_NAME, may_miss="name")
def verify(host: Host, name: str = "") -> Report:
    """Read backups whole and prove that each can be restored.

    fab -H manager backup.verify  # all of them
    fab -H manager backup.verify backup-20251205-143000
    """
    return ops.backups.verify(host, name)


@task(view="pruned", changes=True)
def prune(host: Host) -> Report:
    """Delete old backups: the newest states stay, and always a good one.

    fab -H manager backup.prune --dry-run
    fab -H manager backup.prune
    """
    return ops.backups.prune_by_hand(host)


@task(view="moved", options=_FETCHED, may_miss="name")
def pull(host: Host, name: str = "", to: str = "") -> Report:
    """Copy a backup from the host to here, resuming where it was cut off, and prove it.

    fab -H manager backup.pull  # the newest
    fab -H manager backup.pull backup-20251205-143000 --to ~/safe
    """
    return ops.transfer.pull(host, name, to)


@task(view="moved", changes=True, options={"file": "The archive; its manifest lies beside it."})
def push(host: Host, file: str) -> Report:
    """Copy a backup from here to the host; nothing in it is trusted until it is checked.

    fab -H manager backup.push ~/safe/backup-20251205-143000.tar.gz
    """
    return ops.transfer.push(host, file)
