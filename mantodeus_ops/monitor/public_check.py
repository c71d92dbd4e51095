"""What a look at the app from outside amounts to."""

from __future__ import annotations

from typing import TypedDict

_BAD = 400
_FEW_DAYS = 14


class OutsideAnswer(TypedDict, total=False):
    """What an address answered, or why it did not."""

    status: int
    location: str
    seconds: float
    tls_days: int | None
    error: str


class PublicLook(TypedDict):
    """What users get at the app's address."""

    url: str
    status: int
    location: str
    latency_seconds: float
    tls_days: int | None
    ok: bool
    reason: str
    warning: str


def judged(url: str, seen: OutsideAnswer) -> PublicLook:
    """Return what users get at this address: ok, reason, warning, latency, days of certificate."""
    days = seen.get("tls_days")
    status, reason = seen.get("status", 0), seen.get("error", "")
    if not reason and status >= _BAD:
        reason = f"{url} answered {status}"
    few = days is not None and days < _FEW_DAYS
    warning = f"the certificate of {url} ends in {days} days" if few else ""
    return {
        "url": url,
        "status": status,
        "location": seen.get("location", ""),
        "latency_seconds": seen.get("seconds", 0.0),
        "tls_days": days,
        "ok": not reason,
        "reason": reason,
        "warning": warning,
    }
