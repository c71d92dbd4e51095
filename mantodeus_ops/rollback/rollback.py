"""The rollback task: unpacks the last good state beside the live app, then activates it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from mantodeus_ops.app.facts import names_in_pm2
from mantodeus_ops.backup.job import left_job, left_state, paths, prune, verdict
from mantodeus_ops.deploy.app_files import count_files
from mantodeus_ops.deploy.deploy import DeployResult
from mantodeus_ops.deploy.stage import save_patch
from mantodeus_ops.errors import (
    OpsError,
    PreflightError,
    RollbackFailedError,
    RolledBackError,
    StepFailedError,
)
from mantodeus_ops.git.git_commands import checkout_back
from mantodeus_ops.install.dependencies import without_lost_install
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.notify.announce import announce_failures
from mantodeus_ops.remote.answers.backup import BackupStates, LiveRecord
from mantodeus_ops.remote.answers.deploy import ActivationResult, StepRecord
from mantodeus_ops.remote.answers.facts import Facts, GitState
from mantodeus_ops.remote.answers.programs import RESTORE
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.rollback.candidates import no_candidate_error
from mantodeus_ops.rollback.choose import (
    RollbackCandidate,
    RollbackOptions,
    RollbackParams,
    choices,
    is_live,
    states,
)
from mantodeus_ops.rollback.preview import preview_rollback
from mantodeus_ops.text.format import short
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.failure_report import record_failure
from mantodeus_ops.transaction.lock import Lock, deploy_lock
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from mantodeus_ops.transaction.steps import Steps

__all__ = ["RollbackOptions", "rollback"]

_DAMAGED = 94  # exit code of the restore program


@dataclass(slots=True)
class Rollback:
    """The state of a running rollback."""

    host: Host
    options: RollbackOptions
    lock: Lock
    facts: Facts
    listing: BackupStates
    steps: Steps
    params: RollbackParams | None = None
    began: float = field(default_factory=time.monotonic)


def rollback(host: Host, options: RollbackOptions) -> DeployResult:
    """Activate the last good state, or the requested one; return the result.

    Raise PreflightError when there is none or a check fails, RolledBackError when it is unhealthy
    and the replaced state is live again.
    """
    with deploy_lock(host, "rollback", ref=options.backup) as lock:
        facts = recover_and_gather_facts(host, lock, "health", "env")
        back = Rollback(host, options, lock, facts, states(host), Steps(host))
        with announce_failures(host, "rollback") as announcer:
            try:
                done = _rollback(back)
            except OpsError as error:
                error.details = _details(back, error)
                if not host.dry_run and not error.recorded:
                    record_failure(host, lock, "rollback", options.backup, back.began, error)
                raise
            if done.status == "success":
                announcer.tell("done", revision=done.revision, backup=done.backup)
            return done


def _rollback(back: Rollback) -> DeployResult:
    if is_live(back.options, back.facts, back.listing):
        live = str((back.facts["live"] or {}).get("revision", ""))
        back.host.info(f"{back.options.backup} is live already: nothing to do")
        return DeployResult("unchanged", live, live, backup=back.options.backup)
    failed: OpsError = no_candidate_error(back.listing, undo=back.options.undo)
    for turn, choice in enumerate(choices(back.host, back.options, back.facts, back.listing), 1):
        if back.host.dry_run:
            return _dry(back, choice)
        try:
            if _unpack(back, choice):
                return _go(back, choice, f"{back.lock.run}-{turn}" if turn > 1 else back.lock.run)
        except (RolledBackError, RollbackFailedError) as error:
            if back.options.backup or back.options.undo:
                raise
            back.host.info(f"{choice.target.shown} does not become healthy; trying the next one")
            failed = error
    raise failed


def _unpack(back: Rollback, choice: RollbackCandidate) -> bool:
    """Unpack the parts that no rename can restore; return whether the archive was intact.

    Raise StepFailedError for a damaged archive that was requested by name.
    """
    if not choice.unpacked:
        return True
    name = choice.target.name
    places = list(choice.target.paths) if choice.found["made_here"] else paths(back.host)
    job = program_job(
        back.host, "restore", RESTORE, name=name, wanted=choice.unpacked, places=places
    )
    try:
        back.steps.run(job)
    except StepFailedError as error:
        if error.ended != _DAMAGED or back.options.backup:
            raise
        back.host.info(f"{name} is damaged; trying the next one")
        return False
    return True


def _go(back: Rollback, choice: RollbackCandidate, run: str) -> DeployResult:
    save_patch(back.host, run, back.facts["git"].get("dirty", ()))
    params = back.params = _params(back, choice)
    spent = round(time.monotonic() - back.began, 3)
    before = len(back.steps.done)
    ended = activate(back.host, back.steps, task="rollback", run=run, spent=spent, **params)
    _report_written(back.host, ended.result)
    left_backup = _keep_left(back, choice, run)
    prune(back.host, pinned=[choice.target.name, left_backup])
    steps = [*ended.result.get("steps", []), *back.steps.done[before:]]
    return _result(params, steps, back.host.app.good_health)


def _params(back: Rollback, choice: RollbackCandidate) -> RollbackParams:
    facts, target = back.facts, choice.target
    git = facts["git"]
    live: LiveRecord = facts["live"] or {}
    then: LiveRecord = target.state.get("live") or choice.found.get("live") or {}
    entry = target.state.get("entry") or then.get("entry") or live.get("entry")
    if not entry:
        text = f"there is no start command of {target.shown} for PM2"
        raise PreflightError(text, back.host.command_for("deploy"))
    return {
        "sources": choice.sources,
        "swaps": choice.swaps,
        "checkout": _checkout(back.host, git, choice),
        "entry": entry,
        "live": {
            **without_lost_install(then, live, target.paths),
            "revision": target.revision,
            "entry": entry,
            "restored": choice.swaps,
            "at": time.time(),
        },
        "revision": target.revision,
        "previous_revision": live.get("revision") or git.get("head", ""),
        "head": git.get("head", ""),
        "head_branch": git.get("branch", ""),
        "backup": target.name,
        "target": target.identity,
        **left_state(back.listing),
        "left_verdict": verdict(facts),
        "undo": back.options.undo,
    }


def _checkout(host: Host, git: GitState, choice: RollbackCandidate) -> list[str] | None:
    """Return git's arguments that set the work tree; None when git lacks the revision."""
    if why := git.get("error"):
        host.info(f"git failed ({why}): the work tree is unchanged")
    if not git.get("head"):
        return None
    if not choice.found["revision_known"]:
        revision = short(choice.target.revision)
        why = f"git no longer has {revision}" if revision else "its revision is unknown"
        host.info(f"{why}: the work tree is unchanged")
        return None
    return list(checkout_back(choice.target.branch, choice.target.revision))


def _report_written(host: Host, result: ActivationResult) -> None:
    """Show where files are kept that were written into the replaced outputs."""
    if moved := result.get("written"):
        host.info(
            f"{count_files(moved)} written into the replaced version: kept in {moved['place']}"
        )


def _details(back: Rollback, error: OpsError) -> JsonObject:
    what = back.params
    return {
        "revision": what["revision"] if what else "",
        "previous_revision": what["previous_revision"] if what else "",
        "backup": what["backup"] if what else "",
        "rolled_back": error.status == "rolled_back",
        "steps": back.steps.done,
        **error.details,
    }


def _result(params: RollbackParams, steps: Sequence[StepRecord], health: str = "") -> DeployResult:
    return DeployResult(
        "success",
        params["revision"],
        params["previous_revision"],
        backup=params["backup"],
        health=health,
        steps=list(steps),
    )


def _keep_left(back: Rollback, choice: RollbackCandidate, run: str) -> str:
    """Back up the replaced state, for --undo; a failure is only reported."""
    reason = f"left by rollback to {choice.target.shown}"
    job = left_job(
        back.host,
        back.facts,
        run=run,
        swaps=choice.swaps,
        reason=reason,
        left=not back.options.undo,
    )
    try:
        return str(back.steps.run(job).result.get("name", ""))
    except OpsError as error:
        back.host.info(f"the replaced state could not be backed up: {error.message}")
        back.host.info("it is kept until the next change; --undo restores it")
        return ""


def _dry(back: Rollback, choice: RollbackCandidate) -> DeployResult:
    params = _params(back, choice)
    apps = names_in_pm2(back.host, back.facts)
    preview_rollback(back.host, choice, run=back.lock.run, checkout=params["checkout"], apps=apps)
    return _result(params, ())
