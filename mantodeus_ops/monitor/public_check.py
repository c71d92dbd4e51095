"""Assesses the answer of the app's public URL."""

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


def assess_public_url(url: str, answer: OutsideAnswer) -> PublicLook:
    """Return the assessment of an address: ok, reason, warning, latency, certificate days."""
    days = answer.get("tls_days")
    status, reason = answer.get("status", 0), answer.get("error", "")
    if not reason and status >= _BAD:
        reason = f"{url} answered {status}"
    expires_soon = days is not None and days < _FEW_DAYS
    warning = f"the certificate of {url} ends in {days} days" if expires_soon else ""
    return {
        "url": url,
        "status": status,
        "location": answer.get("location", ""),
        "latency_seconds": answer.get("seconds", 0.0),
        "tls_days": days,
        "ok": not reason,
        "reason": reason,
        "warning": warning,
    }
