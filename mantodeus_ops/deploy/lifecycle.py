"""The tasks restart, start, stop, history, follow and unlock."""

from __future__ import annotations

import time
from dataclasses import replace

from mantodeus_ops.app.facts import gather_facts, names_in_pm2
from mantodeus_ops.app.path_rules import place_findings
from mantodeus_ops.backup.job import backup_job, prune
from mantodeus_ops.deploy.deploy import DeployResult
from mantodeus_ops.errors import PreflightError, StepFailedError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.status_report import is_healthy
from mantodeus_ops.remote.answers.backup import LiveRecord, MadeBackup
from mantodeus_ops.remote.answers.deploy import StepRecord
from mantodeus_ops.remote.answers.facts import Facts, HistoryEntry
from mantodeus_ops.remote.answers.programs import STOP_APP
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Job, known_job, program_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.confirm import confirm
from mantodeus_ops.transaction.local_user import operator
from mantodeus_ops.transaction.lock import Lock, deploy_lock, unfreeze
from mantodeus_ops.transaction.lock_messages import holder_line, is_shut
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from mantodeus_ops.transaction.steps import Steps


def restart(host: Host) -> DeployResult:
    """Back up, reload and wait until healthy; raise StepFailedError otherwise."""
    with deploy_lock(host, "restart") as lock:
        facts = recover_and_gather_facts(host, lock, "health")
        live = _live(host, facts)
        if host.dry_run:
            host.preview(Command(("pm2", "reload", *names_in_pm2(host, facts))))
            return _same(live, "success", [])
        return _restart(host, lock, facts, live)


def _restart(host: Host, lock: Lock, facts: Facts, live: LiveRecord) -> DeployResult:
    """Reload while the backup runs: a restart changes no file."""
    steps = Steps(host)
    saving = _saving(host, facts)
    try:
        ended = activate(
            host,
            steps,
            task="restart",
            run=lock.run,
            entry=live["entry"],
            live={**live, "at": time.time()},
            revision=live.get("revision", ""),
            previous_revision=live.get("revision", ""),
            head=facts["git"].get("head", ""),
            head_branch=facts["git"].get("branch", ""),
            saving=saving.id if saving else "",
        )
    finally:
        backup = str(steps.run(saving).result.get("name", "")) if saving else ""
        prune(host)
    done = [*ended.result.get("steps", []), *steps.done]
    return replace(_same(live, "success", done), backup=backup, health=host.app.good_health)


def _saving(host: Host, facts: Facts) -> Job[MadeBackup] | None:
    """Start the backup of the live state; None when it cannot hold one of the paths."""
    unsaved = place_findings(host.app, facts, saves=True)
    for finding in unsaved:
        host.info(f"no backup is made: {finding.text}")
    if unsaved:
        return None
    saving = backup_job(host, facts, reason="before restart")
    saving.launch()
    return saving


def start(host: Host) -> DeployResult:
    """Start the app, unless it is running and healthy."""
    facts = gather_facts(host, "health")
    if is_healthy(facts):
        host.info(f"the app is {host.app.good_state}: nothing to do")
        return _same(_live(host, facts), "unchanged", [])
    return restart(host)


def stop(host: Host) -> DeployResult:
    """Stop the app, unless it is stopped."""
    with deploy_lock(host, "stop") as lock:
        facts = recover_and_gather_facts(host, lock, "health")
        live = _live(host, facts)
        pm2 = facts["pm2"]
        if not any(one["status"] == "online" for one in (*pm2["workers"], *pm2.get("apps", ()))):
            host.info("the app is not running: nothing to do")
            return _same(live, "unchanged", [])
        if host.dry_run:
            host.preview(Command(("pm2", "stop", *names_in_pm2(host, facts))))
            return _same(live, "success", [])
        steps = Steps(host)
        who, origin = operator()
        params: JsonObject = {"run": lock.run, "who": who, "from": origin}
        steps.run(program_job(host, "stop", STOP_APP, lasting=False, **params))
        return _same(live, "success", steps.done)


def history(host: Host, lines: int) -> list[HistoryEntry]:
    """Return the newest history entries, newest first."""
    entries = gather_facts(host, history=max(1, lines))["history"]
    return entries[::-1]


def follow(host: Host, job: str) -> dict[str, str]:
    """Show a job's log until it ends; return its id; raise PreflightError, StepFailedError."""
    jobs = gather_facts(host)["jobs"]
    matches = (
        [entry for entry in jobs if entry["id"] == job]
        if job
        else ([entry for entry in jobs if entry["alive"]] or jobs)[-1:]
    )
    if not matches:
        raise PreflightError(
            "there is there is no such job on the host"
            if job
            else "no job is running and none was found",
            host.command_for("deploy.history"),
        )
    ended = known_job(host, matches[0]["id"]).follow()
    if ended.code != 0:
        raise StepFailedError(
            f"{matches[0]['id']} ended with exit {ended.code}", host.command_for("status")
        )
    return {"job": matches[0]["id"]}


def unlock(host: Host) -> TaskResult:
    """End a freeze after showing its operator and reason; raise LockHeldError for a live run."""
    holder = gather_facts(host)["lock"]
    if is_shut(holder):
        host.info(f"frozen: {holder.get('reason') or 'no reason given'} ({holder_line(holder)})")
        if host.dry_run:
            return TaskResult("success")
        confirm(host, "End the freeze?")
    before = unfreeze(host)
    return TaskResult("success" if is_shut(before) else "unchanged", {"lock": "free"})


def _live(host: Host, facts: Facts) -> LiveRecord:
    live = facts["live"]
    if live is None:
        raise PreflightError(
            f"this tool has not deployed to {host.name} yet", host.command_for("deploy")
        )
    return live


def _same(live: LiveRecord, status: str, steps: list[StepRecord]) -> DeployResult:
    revision = str(live.get("revision", ""))
    return DeployResult(status, revision, revision, steps=steps)
