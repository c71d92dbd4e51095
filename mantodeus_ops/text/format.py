"""Formats amounts, durations, times and revisions for people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_TIME_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_ROUNDS_UP = 999.5
_WHOLE = 99.95
_A_MINUTE = 59.95


def human_bytes(count: float) -> str:
    """Return `1.5 GB` or `412 MB`; units are powers of 1000, as on a disk's label."""
    size, unit = abs(count), 0
    while size >= _ROUNDS_UP and unit < len(_BYTE_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    sign = "-" if count < 0 else ""
    decimals = 1 if unit and size < _WHOLE else 0
    return f"{sign}{size:.{decimals}f} {_BYTE_UNITS[unit]}"


def human_share(part: float, whole: float) -> str:
    """Return `61 %`; rounded down, so 100 % means complete."""
    return f"{int(100 * part / whole)} %" if whole else "-"


def human_count(count: int, thing: str) -> str:
    """Return `1 backup`, `5 backups` or `2,033 backups`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def human_seconds(seconds: float) -> str:
    """Return `12.3 s`, `4 min 12 s`, `3 h 5 min` or `3 d 4 h`."""
    if seconds < _A_MINUTE:
        return f"{max(seconds, 0):.1f} s"
    rest, parts = round(seconds), []
    for name, length in _TIME_UNITS:
        parts.append((rest // length, name))
        rest %= length
    first = next(index for index, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {name}" for count, name in parts[first : first + 2] if count)


def human_whole(seconds: float) -> str:
    """Return a running time in whole seconds: `12 s`, or as `human_seconds` formats it."""
    return human_seconds(int(seconds)).replace(".0 s", " s")


def human_names(names: Iterable[str], most: int) -> str:
    """Return `web1, web2`, or `web1, web2 and 9 more` for more than `most` names."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def human_time(epoch: float) -> str:
    """Return `2025-12-05 14:30:00 UTC` for a time in seconds since 1970."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def short(revision: str) -> str:
    """Return the first ten characters of a revision."""
    return revision[:10]
