"""Parses --since: a span such as 10m or 2h, or a point in time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from mantodeus_ops.errors import UsageError
from mantodeus_ops.text.sanitize import trimmed

_SPAN = re.compile(r"([0-9]{1,9}) ?(s|sec|m|min|h|d)?")
_SECONDS = {None: 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


def parse_since(text: str) -> dict[str, float]:
    """Return `since_seconds` or `since_at` in seconds since 1970; empty for no text.

    Raise UsageError for anything else.
    """
    if not text:
        return {}
    if span := _SPAN.fullmatch(trimmed(text)):
        return {"since_seconds": float(span[1]) * _SECONDS[span[2]]}
    try:
        moment = datetime.fromisoformat(trimmed(text))
    except ValueError:
        expected = "a span such as 10m, 2h or 1d, or a time such as 2025-12-05T14:30"
        raise UsageError(f"--since must be {expected}", "logs --since 10m") from None
    return {"since_at": (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()}
