"""Keep proven copies of what is live."""

from __future__ import annotations

from .host.task import Host, task
from .ops import backups as ops
from .pure.outcome import Report


@task(name="create", changes=True, default=True)
def create(host: Host) -> Report:
    """Back up what is live: outputs, dependencies, lockfile and .env."""
    return ops.create(host)


@task(name="list", view="backups")
def listing(host: Host) -> Report:
    """List the backups, newest first, with their verdicts."""
    return ops.listing(host)
