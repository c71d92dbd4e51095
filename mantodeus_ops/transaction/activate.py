"""Runs the activation, the only step that changes the live app, as a detached job."""

from __future__ import annotations

import shlex

from mantodeus_ops.errors import OpsError, RollbackFailedError, RolledBackError, StepFailedError
from mantodeus_ops.remote.answers.deploy import ActivationResult
from mantodeus_ops.remote.answers.programs import ACTIVATE
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import JobResult, program_job
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.format import short
from mantodeus_ops.text.suggest import because, clauses, sentences
from mantodeus_ops.transaction.health_question import right_setting
from mantodeus_ops.transaction.local_user import operator
from mantodeus_ops.transaction.steps import Steps

_ROLLED_BACK, _STUCK = 5, 6
_BEFORE_IT_BEGAN = frozenset({"pm2-app-elsewhere", "pm2-silent", "pm2-not-listed"})


def activate(
    host: Host, steps: Steps, *, task: str, run: str, **details: object
) -> JobResult[ActivationResult]:
    """Run the commit to its end; return what it left.

    Raise RolledBackError when the previous version is live again, RollbackFailedError when neither
    version is healthy, StepFailedError when it failed without a previous version.
    """
    who, origin = operator()
    defaults = {"swaps": [], "checkout": None, "hooks": dict(host.app.hooks), "steps": steps.done}
    params = {**defaults, "task": task, "run": run, "who": who, "from": origin, **details}
    ended = program_job(host, task, ACTIVATE, lasting=True, **params).follow()
    if is_refusal(ended.result):
        raise refused_error(host, ended, steps)
    if ended.code != 0:
        raise recorded_error(host, ended, steps)
    return ended


def refused_error(host: Host, ended: JobResult[ActivationResult], steps: Steps) -> OpsError:
    """Return the error of a refused activation, by the code that the host sent."""
    why = host.error(ended.result)
    began = why.code not in _BEFORE_IT_BEGAN
    after = "The next command recovers the interrupted run" if began else "Nothing was changed"
    text = sentences(why.message, after)
    error = StepFailedError(text, why.hint or host.command_for("restart"), code=why.code)
    error.details = {"steps": steps.done}
    return error


def recorded_error(host: Host, ended: JobResult[ActivationResult], steps: Steps) -> OpsError:
    """Return the error of a failed activation, which the host has recorded."""
    error = activation_error(host, ended)
    error.recorded = bool(ended.result)
    error.details = {"steps": ended.result.get("steps", steps.done)}
    return error


def activation_error(host: Host, ended: JobResult[ActivationResult]) -> OpsError:
    """Return the error that describes the live app after a failed activation."""
    result = ended.result
    error_text = str(result.get("error") or f"it ended with exit code {ended.code}")
    reason = because(error_text, reason_in("\n".join(map(str, result.get("errors", ())))))
    report = result.get("dossier", "")
    hint = _report_command(host, report) if report else host.command_for("status")
    before = _previous_state(host, result)
    if ended.code == _ROLLED_BACK:
        if result.get("task") == "rollback":
            hint = f"{host.command_for('rollback')}  # tries the next good state"
        return RolledBackError(
            sentences(reason, f"Rolled back: {before} {_how_it_is(host, result)}"), hint
        )
    if ended.code == _STUCK:
        error_text = reason_in("\n".join(map(str, result.get("rollback_errors", ()))))
        why = because(str(result.get("rollback_error", "")), error_text)
        failed = clauses(f"The rollback to {before} failed too", why)
        message = sentences(reason, failed, "Fix the app by hand")
        return RollbackFailedError(
            message, f"{host.command_for('logs --err --lines 50')}  # then docs/runbook.md"
        )
    if not result:
        text = f"it was interrupted (exit {ended.code}); the next command recovers it first"
        return StepFailedError(text, host.command_for("restart"))
    if result.get("first"):
        if right := right_setting(host.app, result.get("right")):
            hint = f"set {right} in the inventory"
        return StepFailedError(
            sentences(reason, "There is no previous version to restore; the app is stopped"), hint
        )
    if result.get("task") == "restart":
        hint = f"{host.command_for('rollback')}  # goes to the last good state"
    return StepFailedError(sentences(reason, "The live app runs the same files as before"), hint)


def _how_it_is(host: Host, result: ActivationResult) -> str:
    """Return how the state before is; one that was not healthy before the change is no worse."""
    ill = result.get("ill_before", "")
    return f"runs again; it was not healthy before ({ill})" if ill else f"is {host.app.good_state}"


def _report_command(host: Host, report: str) -> str:
    words = ("cat", f"{host.app.project_dir}/{report}")
    return host.spec.ssh_command(*words) if host.target else shlex.join(words)


def _previous_state(host: Host, result: ActivationResult) -> str:
    """Return a name of the previous state for messages."""
    if str(result.get("task", "")).startswith("env."):
        return f"the previous {host.app.env_file}"
    return short(str(result.get("previous_revision", ""))) or "the previous version"
