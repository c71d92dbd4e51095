"""Puts right what a run that was cut off left behind, before anything else is done."""

from __future__ import annotations

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import OpsError, RollbackFailedError, StepFailedError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.deploy import ActivationResult
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.lock import LockRecord
from mantodeus_ops.remote.answers.programs import RECORD, RECOVER
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Ended, Job, program_job
from mantodeus_ops.text.format import short
from mantodeus_ops.text.suggest import clauses, sentences
from mantodeus_ops.transaction.lock import Lock

_STUCK = 6


def ready(host: Host, lock: Lock, *wants: str) -> Facts:
    """Return the facts of a host on which nothing is half done any more; raise as recover does."""
    facts = gather_facts(host, *wants)
    return gather_facts(host, *wants) if recover(host, lock, facts) else facts


def recover(host: Host, lock: Lock, facts: Facts) -> bool:
    """Finish or undo a commit that never ended; return whether there was one.

    Raise RollbackFailedError when the app cannot be brought back to health, StepFailedError when
    the program that should do it broke down.
    """
    if host.dry_run:
        _tell_open(host, facts)
        return False
    open_run = facts["open_run"]
    if lock.before and not open_run:
        host.call(RECORD, history=_interrupted(lock.before), tidy=True)
    if not open_run:
        return False
    run = f"the {open_run['task']} of {open_run['who']}"
    host.info(f"{run} was cut off at {open_run['step']}; putting it right")
    job = program_job(host, "recover", RECOVER, lasting=True, task="recover", swaps=[])
    ended = job.follow()
    if ended.code != 0:
        raise _failed(host, run, job, ended)
    version = ended.result.get(
        "revision" if ended.result.get("status") == "success" else "previous_revision", ""
    )
    host.info(f"put right: {short(str(version)) or 'the version before'} is live and healthy")
    return True


def _failed(
    host: Host, run: str, job: Job[ActivationResult], ended: Ended[ActivationResult]
) -> OpsError:
    """Return what to say of an app that was not put right: unwell, or unknown."""
    if ended.code == _STUCK:
        reason = str(ended.result.get("rollback_error", ""))
        return RollbackFailedError(
            clauses("the app could not be brought back after a run that was cut off", reason),
            host.command_for("logs --err --lines 50"),
        )
    what = f"{run} was cut off and could not be put right (exit {ended.code})"
    left = "The app is as that run left it; the next command tries again"
    return StepFailedError(
        sentences(clauses(what, ended.last), left),
        host.command_for(f"deploy.follow --job {job.id}"),
        ended=ended.code,
    )


def _tell_open(host: Host, facts: Facts) -> None:
    if facts["open_run"]:
        host.info("a run was cut off; the next deploy puts it right first")


def _interrupted(before: LockRecord) -> JsonObject:
    kept = {key: before.get(key, "") for key in ("task", "who", "from", "ref")}
    return {
        **kept,
        "run": before.get("token", ""),
        "status": "interrupted",
        "since": before.get("since", 0),
    }
