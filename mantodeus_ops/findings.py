"""What is not as it should be, each with a command that mends it, and the report of all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mantodeus_ops.results import TaskResult

RED = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be; one that stops makes a check red."""

    text: str
    hint: str
    stops: bool = True


def findings_report(found: Sequence[Finding], data: Mapping[str, Any]) -> TaskResult:
    """Return the report of a check, what stops first; red when there is any of that."""
    told = [
        {"level": "fail" if one.stops else "warning", "text": one.text, "hint": one.hint}
        for one in sorted(found, key=lambda one: not one.stops)
    ]
    bad = [one for one in found if one.stops]
    data = {"findings": told, **data}
    if not bad:
        return TaskResult("success", data)
    return TaskResult("failed", data, RED, "; ".join(one.text for one in bad), bad[0].hint)
