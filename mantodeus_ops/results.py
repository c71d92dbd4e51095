"""What a task on one host came to: the JSON contract's common part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mantodeus_ops.errors import OpsError


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What a task body returns: its status word, its JSON fields, and whether all is well."""

    status: str
    data: Mapping[str, Any] = field(default_factory=dict)
    exit_code: int = 0
    error: str = ""
    hint: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class HostResult:
    """One host's row in the result of one task."""

    task: str
    host: str
    report: TaskResult
    seconds: float
    dry: bool = False

    @property
    def ok(self) -> bool:
        """Return whether the task did what was asked."""
        return self.report.exit_code == 0

    def data(self) -> dict[str, Any]:
        """Return the JSON object of the contract; `error`, `hint` and `code` only when not ok."""
        report = self.report
        common: dict[str, Any] = {
            "task": self.task,
            "host": self.host,
            "ok": self.ok,
            "status": report.status,
            "exit_code": report.exit_code,
            "seconds": round(self.seconds, 3),
        }
        if not self.ok:
            code = report.code or report.status.replace("_", "-")
            common |= {"error": report.error, "hint": report.hint, "code": code}
        return common | {key: value for key, value in report.data.items() if key not in common}


def with_hints(report: TaskResult, typed: Callable[[str], str]) -> TaskResult:
    """Return the report with its hint, and those of its findings, as a person types them."""
    found = [{**one, "hint": typed(one["hint"])} for one in report.data.get("findings", ())]
    data = {**report.data, "findings": found} if found else report.data
    return replace(report, data=data, hint=typed(report.hint))


def failure(error: OpsError) -> TaskResult:
    """Return the report of a task that ended with this error."""
    return TaskResult(
        status=error.status,
        data=error.data(),
        exit_code=error.exit_code,
        error=error.message,
        hint=error.hint,
        code=error.code,
    )


def mistake(error: Exception) -> TaskResult:
    """Return the report of a task that ended with an unexpected error."""
    message = f"a mistake in this tool: {type(error).__name__}: {error}"
    return TaskResult(
        "failed",
        exit_code=1,
        error=message,
        hint="run it again with OPS_DEBUG=1 and report what it prints",
    )
