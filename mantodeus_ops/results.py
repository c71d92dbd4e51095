"""Results of a task on a host: the common part of the JSON contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from mantodeus_ops.errors import OpsError


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The result that a task body returns: status, JSON fields and exit code."""

    status: str
    data: Mapping[str, object] = field(default_factory=dict)
    exit_code: int = 0
    error: str = ""
    hint: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class HostResult:
    """The result of one task on one host."""

    task: str
    host: str
    task_result: TaskResult
    seconds: float
    dry: bool = False

    @property
    def ok(self) -> bool:
        """Return whether the task succeeded."""
        return self.task_result.exit_code == 0

    def data(self) -> dict[str, object]:
        """Return the JSON object of the contract; `error`, `hint` and `code` only when not ok."""
        result = self.task_result
        common: dict[str, object] = {
            "task": self.task,
            "host": self.host,
            "ok": self.ok,
            "status": result.status,
            "exit_code": result.exit_code,
            "seconds": round(self.seconds, 3),
        }
        if not self.ok:
            code = result.code or result.status.replace("_", "-")
            common |= {"error": result.error, "hint": result.hint, "code": code}
        return common | {key: value for key, value in result.data.items() if key not in common}


def with_hints(result: TaskResult, typed: Callable[[str], str]) -> TaskResult:
    """Return the result with its hints, also those of findings, as typed commands."""
    findings = result.data.get("findings")
    data = result.data
    if isinstance(findings, list):
        hinted = [{**finding, "hint": typed(finding["hint"])} for finding in findings]
        data = {**data, "findings": hinted}
    return replace(result, data=data, hint=typed(result.hint))


def failure(error: OpsError) -> TaskResult:
    """Return the result of a task that raised this error."""
    return TaskResult(
        status=error.status,
        data=error.data(),
        exit_code=error.exit_code,
        error=error.message,
        hint=error.hint,
        code=error.code,
    )


def mistake(error: Exception) -> TaskResult:
    """Return the result of a task that raised an unexpected exception."""
    message = f"a bug in this tool: {type(error).__name__}: {error}"
    return TaskResult(
        "failed",
        exit_code=1,
        error=message,
        hint="run it again with OPS_DEBUG=1 and report what it prints",
    )
