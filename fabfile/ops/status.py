"""Reads the state of an app in one round trip."""

from __future__ import annotations

from ..host.door import Host
from ..pure.outcome import Report
from ..pure.verdict import health_report, status_report
from .facts import look


def status(host: Host) -> Report:
    """Return the status of the app; exit code 7 unless it is online and healthy."""
    return status_report(look(host, "health"), app=host.app.name)


def health(host: Host) -> Report:
    """Return whether the app is healthy and why not; exit code 7 when it is not."""
    return health_report(look(host, "health"), url=host.app.health_url)
