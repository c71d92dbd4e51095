"""Keep verified copies of the live state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mantodeus_ops.cli.task import task
from mantodeus_ops.results import TaskResult

if TYPE_CHECKING:
    from mantodeus_ops.remote.host import Host

_NAME = {"name": "One backup, by its name or its file (all of them)."}
_FETCHED = {
    "name": "One backup, by its name or its file (the newest).",
    "to": "The folder to put it into (backups/HOST).",
}


@task(name="create", view="backup", changes=True, default=True)
def create(host: Host) -> TaskResult:
    """Back up the live outputs, dependencies, lockfile and .env.

    fab -H manager backup
    """
    from mantodeus_ops.backup import commands

    return commands.create(host)


@task(name="list", view="backups")
def listing(host: Host) -> TaskResult:
    """List the backups, newest first: age, revision, verdict, and what differs from live.

    fab -H manager backup.list
    fab -H manager backup.list --json
    """
    from mantodeus_ops.backup import commands

    return commands.listing(host)


@task(view="verify", options=_NAME, may_miss="name")
def verify(host: Host, name: str = "") -> TaskResult:
    """Read backups completely and verify that each can be restored.

    fab -H manager backup.verify  # all of them
    fab -H manager backup.verify backup-20251205-143000
    """
    from mantodeus_ops.backup import commands

    return commands.verify(host, name)


@task(view="prune", changes=True)
def prune(host: Host) -> TaskResult:
    """Delete old backups: the newest states stay, and always a good one.

    fab -H manager backup.prune --dry-run
    fab -H manager backup.prune
    """
    from mantodeus_ops.backup import commands

    return commands.prune_by_hand(host)


@task(view="transfer", options=_FETCHED, may_miss="name")
def pull(host: Host, name: str = "", to: str = "") -> TaskResult:
    """Download a backup, with resuming, and verify it.

    fab -H manager backup.pull  # the newest
    fab -H manager backup.pull backup-20251205-143000 --to ~/safe
    """
    from mantodeus_ops.backup import transfer

    return transfer.pull(host, name, to)


@task(view="transfer", changes=True, options={"file": "The archive; its manifest lies beside it."})
def push(host: Host, file: str) -> TaskResult:
    """Upload a backup to the host, which checks it before trusting it.

    fab -H manager backup.push ~/safe/backup-20251205-143000.tar.gz
    """
    from mantodeus_ops.backup import transfer

    return transfer.push(host, file)
