"""Recovers the app after an interrupted run, before anything else is done."""

from __future__ import annotations

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import OpsError, RollbackFailedError, StepFailedError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.deploy import ActivationResult
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.lock import LockRecord
from mantodeus_ops.remote.answers.programs import RECORD, RECOVER
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Job, JobResult, program_job
from mantodeus_ops.text.format import short
from mantodeus_ops.text.suggest import clauses, sentences
from mantodeus_ops.transaction.lock import Lock

_STUCK = 6


def recover_and_gather_facts(host: Host, lock: Lock, *wants: str) -> Facts:
    """Recover an interrupted run, then return the host's facts; raise as recover does."""
    facts = gather_facts(host, *wants)
    return gather_facts(host, *wants) if recover(host, lock, facts) else facts


def recover(host: Host, lock: Lock, facts: Facts) -> bool:
    """Finish or undo an interrupted activation; return whether there was one.

    Raise RollbackFailedError when the app does not become healthy, StepFailedError when the
    recovery program failed.
    """
    if host.dry_run:
        _report_interrupted(host, facts)
        return False
    open_run = facts["open_run"]
    if lock.before and not open_run:
        host.call(RECORD, history=_interrupted(lock.before), tidy=True)
    if not open_run:
        return False
    run = f"the {open_run['task']} of {open_run['who']}"
    host.info(f"{run} was interrupted at {open_run['step']}; recovering")
    job = program_job(host, "recover", RECOVER, lasting=True, task="recover", swaps=[])
    ended = job.follow()
    if ended.code != 0:
        raise _failed(host, run, job, ended)
    version = ended.result.get(
        "revision" if ended.result.get("status") == "success" else "previous_revision", ""
    )
    host.info(
        f"recovered: {short(str(version)) or 'the previous version'} is {host.app.good_state}"
    )
    return True


def _failed(
    host: Host, run: str, job: Job[ActivationResult], ended: JobResult[ActivationResult]
) -> OpsError:
    """Return the error of a failed recovery: app unhealthy, or state unknown."""
    if ended.code == _STUCK:
        reason = str(ended.result.get("rollback_error", ""))
        return RollbackFailedError(
            clauses("the app could not be recovered after an interrupted run", reason),
            host.command_for("logs --err --lines 50"),
        )
    message = f"{run} was interrupted and could not be recovered (exit {ended.code})"
    state = "The app is as that run left it; the next command tries again"
    return StepFailedError(
        sentences(clauses(message, ended.last), state),
        host.command_for(f"deploy.follow --job {job.id}"),
        ended=ended.code,
    )


def _report_interrupted(host: Host, facts: Facts) -> None:
    if facts["open_run"]:
        host.info("a run was interrupted; the next deploy recovers it first")


def _interrupted(before: LockRecord) -> JsonObject:
    fields = {key: before.get(key, "") for key in ("task", "who", "from", "ref")}
    return {
        **fields,
        "run": before.get("token", ""),
        "status": "interrupted",
        "since": before.get("since", 0),
    }
