"""Restarts, starts, stops and looks back: the short tasks around a deploy."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from ..host.door import Host
from ..host.jobs import Job, known_job, program_job
from ..host.operator import operator
from ..pure.errors import PreflightError, StepFailedError
from ..pure.lock import holder_line, is_shut
from ..pure.outcome import Report
from ..pure.places import place_findings
from ..pure.shell import Command
from .backup import backup_job, prune
from .commit import commit
from .confirm import confirm
from .deploy import Deployed
from .facts import Facts, look
from .lock import Lock, locked, unfreeze
from .recover import ready
from .steps import Steps


def restart(host: Host) -> Deployed:
    """Back up, reload, wait for health; raise StepFailedError when it does not come."""
    with locked(host, "restart") as lock:
        facts = ready(host, lock, "health")
        live = _live(host, facts)
        if host.dry_run:
            host.would(Command(("pm2", "reload", host.app.name)))
            return _same(live, "success", [])
        return _restart(host, lock, facts, live)


def _restart(host: Host, lock: Lock, facts: Facts, live: dict[str, Any]) -> Deployed:
    """Reload beside the backup: a restart changes no file, so it need not wait for the backup."""
    steps = Steps(host)
    saving = _saving(host, facts)
    try:
        ended = commit(
            host,
            steps,
            task="restart",
            run=lock.run,
            entry=live["entry"],
            live={**live, "at": time.time()},
            revision=live["revision"],
            previous_revision=live["revision"],
            head=facts["git"].get("head", ""),
            head_branch=facts["git"].get("branch", ""),
            saving=saving.id if saving else "",
        )
    finally:
        made = str(steps.run(saving).result.get("name", "")) if saving else ""
        prune(host)
    done = [*ended.result.get("steps", []), *steps.done]
    return replace(_same(live, "success", done), backup=made)


def _saving(host: Host, facts: Facts) -> Job | None:
    """Start the backup of what is live; None where there is a place that it could not hold."""
    unsaved = place_findings(host.app, facts, saves=True)
    for finding in unsaved:
        host.note(f"no backup is made: {finding.text}")
    if unsaved:
        return None
    saving = backup_job(host, facts, reason="before restart")
    saving.launch()
    return saving


def start(host: Host) -> Deployed:
    """Start the app; do nothing when it runs and is healthy."""
    facts = look(host, "health")
    if (facts["health"] or {}).get("healthy"):
        host.note("it runs and is healthy: nothing to do")
        return _same(_live(host, facts), "unchanged", [])
    return restart(host)


def stop(host: Host) -> Deployed:
    """Stop the app; do nothing when it does not run."""
    with locked(host, "stop") as lock:
        facts = ready(host, lock, "health")
        live = _live(host, facts)
        if not any(worker["status"] == "online" for worker in facts["pm2"]["workers"]):
            host.note("it does not run: nothing to do")
            return _same(live, "unchanged", [])
        if host.dry_run:
            host.would(Command(("pm2", "stop", host.app.name)))
            return _same(live, "success", [])
        steps = Steps(host)
        who, origin = operator()
        told: dict[str, Any] = {"run": lock.run, "who": who, "from": origin}
        steps.run(program_job(host, "stop", "stopped", **told))
        return _same(live, "success", steps.done)


def history(host: Host, lines: int) -> list[dict[str, Any]]:
    """Return the newest entries of the history, newest first."""
    entries: list[dict[str, Any]] = look(host, history=max(1, lines))["history"]
    return entries[::-1]


def follow(host: Host, job: str) -> dict[str, Any]:
    """Show a job's log until it ends; return its id; raise PreflightError, StepFailedError."""
    jobs: list[dict[str, Any]] = look(host)["jobs"]
    found = (
        [one for one in jobs if one["id"] == job]
        if job
        else ([one for one in jobs if one["alive"]] or jobs)[-1:]
    )
    if not found:
        raise PreflightError(
            "no such job on the host" if job else "nothing runs, and nothing ran",
            host.typed("deploy.history"),
        )
    ended = known_job(host, found[0]["id"]).follow()
    if ended.code != 0:
        raise StepFailedError(
            f"{found[0]['id']} ended with exit {ended.code}", host.typed("status")
        )
    return {"job": found[0]["id"]}


def unlock(host: Host) -> Report:
    """End a freeze after showing who froze it and why; raise LockHeldError for a living run."""
    holder = look(host)["lock"]
    if is_shut(holder):
        host.note(f"frozen: {holder.get('reason') or 'no reason given'} ({holder_line(holder)})")
        if host.dry_run:
            return Report("success")
        confirm(host, "End the freeze?")
    before = unfreeze(host)
    return Report("success" if is_shut(before) else "unchanged", {"lock": "free"})


def _live(host: Host, facts: Facts) -> dict[str, Any]:
    live: dict[str, Any] | None = facts["live"]
    if live is None:
        raise PreflightError(
            f"nothing was deployed to {host.name} by this tool yet", host.typed("deploy")
        )
    return live


def _same(live: Facts, status: str, steps: list[dict[str, Any]]) -> Deployed:
    revision = str(live["revision"])
    return Deployed(status, revision, revision, steps=steps)
