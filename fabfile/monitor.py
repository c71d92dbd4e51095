"""See the truth about the app: status and health."""

from __future__ import annotations

from .host.task import Host, task
from .ops import status as ops
from .pure.outcome import Report


@task(view="status", default=True)
def status(host: Host) -> Report:
    """Show whether the app is up and healthy, what it runs, and what it uses."""
    return ops.status(host)


@task(view="generic")
def health(host: Host) -> Report:
    """Ask the app for its health, as a deploy does."""
    return ops.health(host)
