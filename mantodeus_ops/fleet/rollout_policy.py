"""How a change goes through a fleet: how many at once, who goes first, and what a failure means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mantodeus_ops.errors import UnreachableError, UsageError
from mantodeus_ops.results import HostResult, TaskResult
from mantodeus_ops.text.format import human_names, short
from mantodeus_ops.text.suggest import nearest

MODES = ("stop", "continue", "revert")
_NAMED = 3  # hosts that a sentence names


@dataclass(frozen=True, slots=True)
class Policy:
    """How many hosts change at once, whether one goes alone first, what follows a failure."""

    batch: int
    canary: bool = False
    on_failure: str = "stop"


def failure_mode(text: str, task: str, *, reverts: bool, unless: str = "") -> str:
    """Return what is to follow a failure; raise UsageError for what this task cannot do.

    `unless` is an option that was given and leaves nothing to go back to.
    """
    mode = text or "stop"
    if mode not in MODES:
        message = f"--on-failure takes {', '.join(MODES)}, not {text!r}"
        raise UsageError(message, f"--on-failure {nearest(text, MODES)}")
    if mode == "revert" and not reverts:
        message = f"{task} leaves nothing that --on-failure revert could go back to"
        raise UsageError(message, "--on-failure stop")
    if mode == "revert" and unless:
        message = f"--{unless} leaves nothing that --on-failure revert could go back to"
        raise UsageError(message, f"leave --{unless} out")
    return mode


def has_failed(result: HostResult) -> bool:
    """Return whether this says that no other host should follow."""
    # A host that is away says nothing about the version.
    return result.task_result.exit_code not in (0, UnreachableError.exit_code)


def has_changed(result: HostResult) -> bool:
    """Return whether the task made something live on this host."""
    return result.task_result.status == "success"


def stop_reason(results: Iterable[HostResult]) -> tuple[str, str]:
    """Return why no host may follow, and the command to see it; empty when there is no reason."""
    hosts = [result.host for result in results if has_failed(result)]
    if not hosts:
        return "", ""
    return (
        f"{human_names(hosts, _NAMED)} failed",
        f"fab -H {','.join(hosts[:_NAMED])} deploy.history",
    )


def canary_question(result: HostResult, remaining: int) -> str:
    """Return what a person is asked when the canary is done."""
    revision = short(str(result.task_result.data.get("revision", "")))
    summary = f"{result.task_result.status}, {revision}" if revision else result.task_result.status
    others = "the other host" if remaining == 1 else f"the other {remaining} hosts"
    return f"{result.host} is done: {summary}. Go on with {others}? [y/N]"


def parse_canary_answer(answer: str, host: str) -> tuple[str, str]:
    """Return why no host may follow this canary, and the command; empty after a yes."""
    if answer.lower().startswith("y"):
        return "", ""
    if answer:
        return f"a person stopped it after {host}", f"fab -H {host} deploy.history"
    return f"{host} is done, and there is no terminal to ask whether to go on", "add --yes"


def not_started(task: str, host: str, reason: tuple[str, str]) -> HostResult:
    """Return the row of a host that was left as it is, for this reason and with this hint."""
    error, hint = reason
    result = TaskResult("not_begun", exit_code=1, error=f"not begun: {error}", hint=hint)
    return HostResult(task, host, result, 0.0)


def reverted_result(result: HostResult, back: HostResult, reason: tuple[str, str]) -> HostResult:
    """Return the row of a host that succeeded and was then reverted, for this reason.

    `result` is the task's result there, `back` the result of reverting.
    """
    error, hint = reason
    seconds = result.seconds + back.seconds
    if not back.ok:
        message = f"{error}, and reverting failed here: {back.task_result.error}"
        return replace(back, task_result=replace(back.task_result, error=message), seconds=seconds)
    live = short(str(back.task_result.data.get("revision", "")))
    message = f"reverted to {live or 'what it ran before'}, as {error}"
    task_result = TaskResult(
        "reverted",
        {**back.task_result.data, "rolled_back": True},
        exit_code=1,
        error=message,
        hint=hint,
    )
    return replace(result, task_result=task_result, seconds=seconds)
