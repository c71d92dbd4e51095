"""What a look at the app from outside amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BAD = 400
_FEW_DAYS = 14


def judged(url: str, seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what users get at this address: ok, reason, warning, latency, days of certificate."""
    days = seen.get("tls_days")
    told = {
        "url": url,
        "status": seen.get("status", 0),
        "location": seen.get("location", ""),
        "latency_seconds": seen.get("seconds", 0.0),
        "tls_days": days,
    }
    reason = seen.get("error", "")
    if not reason and told["status"] >= _BAD:
        reason = f"{url} answered {told['status']}"
    few = days is not None and days < _FEW_DAYS
    warning = f"the certificate of {url} ends in {days} days" if few else ""
    return told | {"ok": not reason, "reason": reason, "warning": warning}
