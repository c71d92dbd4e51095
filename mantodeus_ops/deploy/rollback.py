"""Goes back to the last good state: unpacked beside the live app, then swapped in as one commit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from mantodeus_ops.app.git_commands import checkout_back
from mantodeus_ops.backup.job import left_job, left_state, paths, prune, verdict
from mantodeus_ops.deploy.app_files import counted
from mantodeus_ops.deploy.deploy import DeployResult
from mantodeus_ops.deploy.rollback_candidates import (
    RollbackCandidate,
    RollbackOptions,
    RollbackParams,
    choices,
    is_live,
    states,
)
from mantodeus_ops.deploy.rollback_target import nothing_to_go_to
from mantodeus_ops.deploy.stage import save_patch
from mantodeus_ops.errors import (
    OpsError,
    PreflightError,
    RollbackFailedError,
    RolledBackError,
    StepFailedError,
)
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.notify.announce import announced
from mantodeus_ops.remote.answers.backup import BackupStates, LiveRecord
from mantodeus_ops.remote.answers.deploy import ActivationResult, StepRecord
from mantodeus_ops.remote.answers.facts import Facts, GitState
from mantodeus_ops.remote.answers.programs import RESTORE
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.text.format import short
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.failure_report import record_failure
from mantodeus_ops.transaction.lock import Lock, deploy_lock
from mantodeus_ops.transaction.recover import ready
from mantodeus_ops.transaction.steps import Steps

__all__ = ["RollbackOptions", "rollback"]

_DAMAGED = 94  # what the unpacking program ends with


@dataclass(slots=True)
class Rollback:
    """One rollback under way."""

    host: Host
    wish: RollbackOptions
    lock: Lock
    facts: Facts
    seen: BackupStates
    steps: Steps
    what: RollbackParams | None = None
    began: float = field(default_factory=time.monotonic)


def rollback(host: Host, wish: RollbackOptions) -> DeployResult:
    """Make the last good state live again, or the one that is asked for; return what came of it.

    Raise PreflightError when there is none or something speaks against it, RolledBackError when it
    turned out unhealthy and what was live before is live again.
    """
    with deploy_lock(host, "rollback", ref=wish.backup) as lock:
        way = Rollback(
            host, wish, lock, ready(host, lock, "health", "env"), states(host), Steps(host)
        )
        with announced(host, "rollback") as news:
            try:
                done = _rollback(way)
            except OpsError as error:
                error.details = _details(way, error)
                if not host.dry_run and not error.recorded:
                    record_failure(host, lock, "rollback", wish.backup, way.began, error)
                raise
            if done.status == "success":
                news.tell("done", revision=done.revision, backup=done.backup)
            return done


def _rollback(way: Rollback) -> DeployResult:
    if is_live(way.wish, way.facts, way.seen):
        live = str((way.facts["live"] or {}).get("revision", ""))
        way.host.info(f"{way.wish.backup} is what is live: nothing to do")
        return DeployResult("unchanged", live, live, backup=way.wish.backup)
    failed: OpsError = nothing_to_go_to(way.seen, undo=way.wish.undo)
    for turn, choice in enumerate(choices(way.host, way.wish, way.facts, way.seen), 1):
        if way.host.dry_run:
            return _dry(way, choice)
        try:
            if _unpack(way, choice):
                return _go(way, choice, f"{way.lock.run}-{turn}" if turn > 1 else way.lock.run)
        except (RolledBackError, RollbackFailedError) as error:
            if way.wish.backup or way.wish.undo:
                raise
            way.host.info(f"{choice.target.shown} does not become healthy; trying the next one")
            failed = error
    raise failed


def _unpack(way: Rollback, choice: RollbackCandidate) -> bool:
    """Unpack what no rename can bring back; return whether it was whole.

    Raise StepFailedError when it was not, and was asked for by its name.
    """
    if not choice.unpacked:
        return True
    name = choice.target.name
    places = list(choice.target.paths) if choice.found["made_here"] else paths(way.host)
    job = program_job(
        way.host, "restore", RESTORE, name=name, wanted=choice.unpacked, places=places
    )
    try:
        way.steps.run(job)
    except StepFailedError as error:
        if error.ended != _DAMAGED or way.wish.backup:
            raise
        way.host.info(f"{name} is damaged; trying the next one")
        return False
    return True


def _go(way: Rollback, choice: RollbackCandidate, run: str) -> DeployResult:
    save_patch(way.host, run, way.facts["git"].get("dirty", ()))
    what = way.what = _params(way, choice)
    spent = round(time.monotonic() - way.began, 3)
    before = len(way.steps.done)
    ended = activate(way.host, way.steps, task="rollback", run=run, spent=spent, **what)
    _tell_written(way.host, ended.result)
    left = _keep_left(way, choice, run)
    prune(way.host, pinned=[choice.target.name, left])
    steps = [*ended.result.get("steps", []), *way.steps.done[before:]]
    return _done(what, steps, "healthy")


def _params(way: Rollback, choice: RollbackCandidate) -> RollbackParams:
    facts, target = way.facts, choice.target
    git = facts["git"]
    live: LiveRecord = facts["live"] or {}
    then: LiveRecord = target.state.get("live") or choice.found.get("live") or {}
    entry = target.state.get("entry") or then.get("entry") or live.get("entry")
    if not entry:
        text = f"nothing says how to start {target.shown} under PM2"
        raise PreflightError(text, way.host.command_for("deploy"))
    return {
        "sources": choice.sources,
        "swaps": choice.swaps,
        "checkout": _checkout(way.host, git, choice),
        "entry": entry,
        "live": {**then, "revision": target.revision, "entry": entry, "at": time.time()},
        "revision": target.revision,
        "previous_revision": live.get("revision") or git.get("head", ""),
        "head": git.get("head", ""),
        "head_branch": git.get("branch", ""),
        "backup": target.name,
        "target": target.identity,
        **left_state(way.seen),
        "left_verdict": verdict(facts),
        "undo": way.wish.undo,
    }


def _checkout(host: Host, git: GitState, choice: RollbackCandidate) -> list[str] | None:
    """Return git's words that let the work tree follow; None when git has not that revision."""
    if why := git.get("error"):
        host.info(f"git cannot be asked ({why}): the work tree stays as it is")
    if not git.get("head"):
        return None
    if not choice.found["revision_known"]:
        known = short(choice.target.revision)
        why = f"git no longer has {known}" if known else "nothing says which revision it is"
        host.info(f"{why}: the work tree stays as it is")
        return None
    return list(checkout_back(choice.target.branch, choice.target.revision))


def _tell_written(host: Host, result: ActivationResult) -> None:
    """Say where files are that were written into the outputs that were left."""
    if kept := result.get("written"):
        host.info(
            f"{counted(kept)} written into the version that was left: kept in {kept['place']}"
        )


def _details(way: Rollback, error: OpsError) -> JsonObject:
    what = way.what
    return {
        "revision": what["revision"] if what else "",
        "previous_revision": what["previous_revision"] if what else "",
        "backup": what["backup"] if what else "",
        "rolled_back": error.status == "rolled_back",
        "steps": way.steps.done,
        **error.details,
    }


def _done(what: RollbackParams, steps: Sequence[StepRecord], health: str = "") -> DeployResult:
    return DeployResult(
        "success",
        what["revision"],
        what["previous_revision"],
        backup=what["backup"],
        health=health,
        steps=list(steps),
    )


def _keep_left(way: Rollback, choice: RollbackCandidate, run: str) -> str:
    """Back up the state that was left, for --undo; a failure is noted and changes nothing."""
    reason = f"left by rollback to {choice.target.shown}"
    job = left_job(
        way.host,
        way.facts,
        run=run,
        swaps=choice.swaps,
        reason=reason,
        left=not way.wish.undo,
    )
    try:
        return str(way.steps.run(job).result.get("name", ""))
    except OpsError as error:
        way.host.info(f"what was left could not be backed up: {error.message}")
        way.host.info("it is kept aside until the next change; --undo goes back to it")
        return ""


def _dry(way: Rollback, choice: RollbackCandidate) -> DeployResult:
    host, project = way.host, str(way.host.app.project_dir)
    what = _params(way, choice)
    if choice.unpacked:
        archive = f"{host.app.backup_dir}/{choice.target.name}.tar.gz"
        host.preview(Command(("tar", "-xzf", archive, "-C", ".deploy/restore", *choice.unpacked)))
    for name in choice.swaps:
        host.preview(Command(("mv", name, f".deploy/previous/{way.lock.run}/{name}"), project))
        if name in choice.sources:
            host.preview(Command(("mv", f".deploy/{choice.sources[name]}/{name}", name), project))
    if what["checkout"]:
        host.preview(Command(("git", *what["checkout"]), project))
    host.preview(Command(("pm2", "reload", host.app.name), project))
    return _done(what, ())
