"""What is told of an app: texts from it may hold its secrets, and go through the redactor first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..host.door import Host
from ..pure.outcome import Report
from ..pure.redaction import scrub_urls


def told(host: Host, value: Any) -> Any:
    """Return the same JSON with every secret of this host hidden in its texts."""
    if isinstance(value, str):
        return scrub_urls(host.redactor.text(value))
    if isinstance(value, dict):
        return {key: told(host, one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [told(host, one) for one in value]
    return value


def told_report(host: Host, report: Report) -> Report:
    """Return the report with every secret of this host hidden in it."""
    error, hint = told(host, report.error), told(host, report.hint)
    return replace(report, data=told(host, dict(report.data)), error=error, hint=hint)
