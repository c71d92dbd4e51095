"""How findings look: each on a line, with what mends it below."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .view import NOTHING, Column, Data, Part, Row, field, grid

_LEVELS = {"fail": "red", "warning": "yellow"}


def findings(data: Data) -> Iterable[Part]:
    """Return each finding of the data, or that there is none."""
    found = list(data.get("findings") or ())
    if not found:
        return [Row("findings", "none", "green")]
    columns: tuple[Column, ...] = (("", field("level")), ("finding", field("text")))
    below = tuple(field("hint")(one).removeprefix(NOTHING) for one in found)
    return [replace(grid(found, columns), below=below, tones={"": _LEVELS})]
