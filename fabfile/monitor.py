"""See the truth about the app: status and health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ops
from .host.task import task
from .pure.outcome import Report

if TYPE_CHECKING:
    from .host.door import Host


@task(view="status", default=True)
def status(host: Host) -> Report:
    """Show whether the app is up and healthy, what it runs, and what it uses."""
    return ops.status.status(host)


@task(view="health")
def health(host: Host) -> Report:
    """Ask the app for its health, as a deploy does."""
    return ops.status.health(host)
