"""Findings of a check, each with a command that fixes it, and the result that lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mantodeus_ops.results import TaskResult

RED = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem found by a check; `stops` makes the check fail."""

    text: str
    hint: str
    stops: bool = True


def findings_report(findings: Sequence[Finding], data: Mapping[str, object]) -> TaskResult:
    """Return the result of a check, failures first; exit code 7 when there is a failure."""
    rows = [
        {
            "level": "fail" if finding.stops else "warning",
            "text": finding.text,
            "hint": finding.hint,
        }
        for finding in sorted(findings, key=lambda finding: not finding.stops)
    ]
    bad = [finding for finding in findings if finding.stops]
    data = {"findings": rows, **data}
    if not bad:
        return TaskResult("success", data)
    return TaskResult("failed", data, RED, "; ".join(finding.text for finding in bad), bad[0].hint)
