"""Goes back to the last good state: unpacked beside the live app, then swapped in as one commit."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from ..host.door import Host
from ..host.jobs import program_job
from ..pure.errors import (
    OpsError,
    PreflightError,
    RollbackFailedError,
    RolledBackError,
    StepFailedError,
)
from ..pure.human import short
from ..pure.revision import checkout_back
from ..pure.shell import Command
from ..pure.target import nothing_to_go_to
from ..pure.written import counted
from .backup import left_job, left_state, paths, prune, verdict
from .choice import Choice, Wish, choices, is_live, states
from .commit import commit
from .deploy import Deployed
from .dossier import leave_dossier
from .facts import Facts
from .lock import Lock, locked
from .news import announced
from .patch import save_patch
from .recover import ready
from .steps import Steps

__all__ = ["Wish", "rollback"]

_DAMAGED = 94  # what the unpacking program ends with


@dataclass(slots=True)
class Way:
    """One rollback under way."""

    host: Host
    wish: Wish
    lock: Lock
    facts: Facts
    seen: Facts
    steps: Steps
    what: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)


def rollback(host: Host, wish: Wish) -> Deployed:
    """Make the last good state live again, or the one that is asked for; return what came of it.

    Raise PreflightError when there is none or something speaks against it, RolledBackError when it
    turned out unhealthy and what was live before is live again.
    """
    with locked(host, "rollback", ref=wish.backup) as lock:
        way = Way(host, wish, lock, ready(host, lock, "health", "env"), states(host), Steps(host))
        with announced(host, "rollback") as news:
            try:
                done = _rollback(way)
            except OpsError as error:
                error.details = _details(way, error)
                if not host.dry_run and not error.recorded:
                    leave_dossier(host, lock, "rollback", wish.backup, way.began, error)
                raise
            if done.status == "success":
                news.tell("done", revision=done.revision, backup=done.backup)
            return done


def _rollback(way: Way) -> Deployed:
    if is_live(way.wish, way.facts, way.seen):
        live = str((way.facts["live"] or {}).get("revision", ""))
        way.host.note(f"{way.wish.backup} is what is live: nothing to do")
        return Deployed("unchanged", live, live, backup=way.wish.backup)
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
            way.host.note(f"{choice.target.shown} does not become healthy; trying the next one")
            failed = error
    raise failed


def _unpack(way: Way, choice: Choice) -> bool:
    """Unpack what no rename can bring back; return whether it was whole.

    Raise StepFailedError when it was not, and was asked for by its name.
    """
    if not choice.unpacked:
        return True
    name = choice.target.name
    places = list(choice.target.paths) if choice.found["made_here"] else paths(way.host)
    job = program_job(
        way.host, "restore", "restore", name=name, wanted=choice.unpacked, places=places
    )
    try:
        way.steps.run(job)
    except StepFailedError as error:
        if error.ended != _DAMAGED or way.wish.backup:
            raise
        way.host.note(f"{name} is damaged; trying the next one")
        return False
    return True


def _go(way: Way, choice: Choice, run: str) -> Deployed:
    save_patch(way.host, run, way.facts["git"].get("dirty", ()))
    what = way.what = _commitment(way, choice)
    before = len(way.steps.done)
    ended = commit(way.host, way.steps, task="rollback", run=run, **what)
    _tell_written(way.host, ended.result)
    left = _keep_left(way, choice, run)
    prune(way.host, pinned=[choice.target.name, left])
    steps = [*ended.result.get("steps", []), *way.steps.done[before:]]
    return _done(what, health="healthy", steps=steps)


def _tell_written(host: Host, result: Facts) -> None:
    """Say where files are that were written into the outputs that were left."""
    if kept := result.get("written"):
        host.note(
            f"{counted(kept)} written into the version that was left: kept in {kept['place']}"
        )


def _details(way: Way, error: OpsError) -> dict[str, Any]:
    told = {key: way.what.get(key, "") for key in ("revision", "previous_revision", "backup")}
    details = {"rolled_back": error.status == "rolled_back", "steps": way.steps.done}
    return {**told, **details, **error.details}


def _done(what: dict[str, Any], **more: Any) -> Deployed:
    revision, previous = what["revision"], what["previous_revision"]
    return Deployed("success", revision, previous, backup=what["backup"], **more)


def _keep_left(way: Way, choice: Choice, run: str) -> str:
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
        way.host.note(f"what was left could not be backed up: {error.message}")
        way.host.note("it is kept aside until the next change; --undo goes back to it")
        return ""


def _commitment(way: Way, choice: Choice) -> dict[str, Any]:
    facts, target = way.facts, choice.target
    git, live = facts["git"], facts["live"] or {}
    then = target.state.get("live") or choice.found["live"] or {}
    entry = target.state.get("entry") or then.get("entry") or live.get("entry")
    if not entry:
        text = f"nothing says how to start {target.shown} under PM2"
        raise PreflightError(text, way.host.typed("deploy"))
    return {
        "sources": choice.sources,
        "swaps": choice.swaps,
        "checkout": _checkout(way, choice),
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
        "spent": round(time.monotonic() - way.began, 3),
    }


def _checkout(way: Way, choice: Choice) -> list[str] | None:
    """Return git's words that let the work tree follow; None when git has not that revision."""
    if why := way.facts["git"].get("error"):
        way.host.note(f"git cannot be asked ({why}): the work tree stays as it is")
    if not way.facts["git"].get("head"):
        return None
    if not choice.found["revision_known"]:
        known = short(choice.target.revision)
        why = f"git no longer has {known}" if known else "nothing says which revision it is"
        way.host.note(f"{why}: the work tree stays as it is")
        return None
    return list(checkout_back(choice.target.branch, choice.target.revision))


def _dry(way: Way, choice: Choice) -> Deployed:
    host, project = way.host, str(way.host.app.project_dir)
    what = _commitment(way, choice)
    if choice.unpacked:
        archive = f"{host.app.backup_dir}/{choice.target.name}.tar.gz"
        host.would(Command(("tar", "-xzf", archive, "-C", ".deploy/restore", *choice.unpacked)))
    for name in choice.swaps:
        host.would(Command(("mv", name, f".deploy/previous/{way.lock.run}/{name}"), project))
        if name in choice.sources:
            host.would(Command(("mv", f".deploy/{choice.sources[name]}/{name}", name), project))
    if what["checkout"]:
        host.would(Command(("git", *what["checkout"]), project))
    host.would(Command(("pm2", "reload", host.app.name), project))
    return _done(what)
