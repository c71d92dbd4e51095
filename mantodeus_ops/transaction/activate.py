"""The one step that touches the live app: a detached job that ends in a whole version."""

from __future__ import annotations

import shlex

from mantodeus_ops.errors import OpsError, RollbackFailedError, RolledBackError, StepFailedError
from mantodeus_ops.remote.answers.deploy import ActivationResult
from mantodeus_ops.remote.answers.programs import ACTIVATE
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Ended, program_job
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.format import short
from mantodeus_ops.text.suggest import because, clauses, sentences
from mantodeus_ops.transaction.operator import operator
from mantodeus_ops.transaction.steps import Steps

_ROLLED_BACK, _STUCK = 5, 6


def activate(
    host: Host, steps: Steps, *, task: str, run: str, **what: object
) -> Ended[ActivationResult]:
    """Run the commit to its end; return what it left.

    Raise RolledBackError when the version before is live again, RollbackFailedError when neither is
    healthy, StepFailedError when it failed and there was nothing to go back to.
    """
    who, origin = operator()
    known = {"swaps": [], "checkout": None, "hooks": dict(host.app.hooks), "steps": steps.done}
    told = {**known, "task": task, "run": run, "who": who, "from": origin, **what}
    ended = program_job(host, task, ACTIVATE, lasting=True, **told).follow()
    if is_refusal(ended.result):
        raise refused(host, ended, steps)
    if ended.code != 0:
        raise failed(host, ended, steps)
    return ended


def refused(host: Host, ended: Ended[ActivationResult], steps: Steps) -> OpsError:
    """Return the error of a commit that was refused, by the code that the host sent."""
    why = host.error(ended.result)
    text = sentences(why.message, "The next command puts right what was begun")
    error = StepFailedError(text, why.hint or host.command_for("restart"), code=why.code)
    error.details = {"steps": steps.done}
    return error


def failed(host: Host, ended: Ended[ActivationResult], steps: Steps) -> OpsError:
    """Return the error of a commit that failed, with what it wrote down by itself."""
    error = failure(host, ended)
    error.recorded = bool(ended.result)
    error.details = {"steps": ended.result.get("steps", steps.done)}
    return error


def failure(host: Host, ended: Ended[ActivationResult]) -> OpsError:
    """Return the error that says what a failed commit means for the live app."""
    result = ended.result
    said = str(result.get("error") or f"it ended with exit {ended.code}")
    reason = because(said, reason_in("\n".join(map(str, result.get("errors", ())))))
    dossier = result.get("dossier", "")
    seen = _look(host, dossier) if dossier else host.command_for("status")
    before = _before(host, result)
    if ended.code == _ROLLED_BACK:
        if result.get("task") == "rollback":
            seen = f"{host.command_for('rollback')}  # tries the next good state"
        return RolledBackError(
            sentences(reason, f"Rolled back: {before} is live and healthy"), seen
        )
    if ended.code == _STUCK:
        said = reason_in("\n".join(map(str, result.get("rollback_errors", ()))))
        why = because(str(result.get("rollback_error", "")), said)
        failed = clauses(f"The rollback to {before} failed too", why)
        message = sentences(reason, failed, "A person is needed")
        return RollbackFailedError(
            message, f"{host.command_for('logs --err --lines 50')}  # then docs/runbook.md"
        )
    if not result:
        text = f"it was cut off (exit {ended.code}); the next command puts it right first"
        return StepFailedError(text, host.command_for("restart"))
    if result.get("first"):
        return StepFailedError(
            sentences(reason, "There is no earlier version to go back to; the app is stopped"), seen
        )
    if result.get("task") == "restart":
        seen = f"{host.command_for('rollback')}  # goes to the last good state"
    return StepFailedError(sentences(reason, "The live app runs the same files as before"), seen)


def _look(host: Host, dossier: str) -> str:
    words = ("cat", f"{host.app.project_dir}/{dossier}")
    return host.spec.by_hand(*words) if host.target else shlex.join(words)


def _before(host: Host, result: ActivationResult) -> str:
    """Return what a person calls the state before."""
    if str(result.get("task", "")).startswith("env."):
        return f"the {host.app.env_file} before"
    return short(str(result.get("previous_revision", ""))) or "the version before"
