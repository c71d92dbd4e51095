"""Reads and writes keep_assets, an age."""

from __future__ import annotations

import re

from mantodeus_ops.errors import InventoryError

DAY = 86_400
_UNITS = {"m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}
_AGE = re.compile(r"([0-9]{1,4}) ?([mhdw])")


def age(value: object) -> float:
    """Return seconds, from a text such as 30m, 12h, 7d or 2w."""
    match = _AGE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise InventoryError('must be an age, such as "12h", "7d" or "2w"')
    return float(int(match[1]) * _UNITS[match[2]])


def age_text(seconds: float) -> str:
    """Return an age as the inventory spells it, in the largest unit that fits."""
    unit = max((one for one in _UNITS if seconds % _UNITS[one] == 0), key=lambda one: _UNITS[one])
    return f"{int(seconds) // _UNITS[unit]}{unit}"
