"""Keep proven copies of what is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ops
from .host.task import task
from .pure.outcome import Report

if TYPE_CHECKING:
    from .host.door import Host


@task(name="create", changes=True, default=True)
def create(host: Host) -> Report:
    """Back up what is live: outputs, dependencies, lockfile and .env."""
    return ops.backups.create(host)


@task(name="list", view="backups")
def listing(host: Host) -> Report:
    """List the backups, newest first, with their verdicts."""
    return ops.backups.listing(host)
