"""Applies a change of `.env`: locked, backed up and atomic, with or without a restart.

Without a restart, the file is replaced by a rename. With one, the activation swaps it, reloads,
waits for health, and swaps back when the app does not become healthy.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from mantodeus_ops.app.facts import names_in_pm2
from mantodeus_ops.app.path_rules import check_file_systems, place_findings
from mantodeus_ops.backup.job import backup_job, left_state, prune, verdict
from mantodeus_ops.dotenv.edit import Edit
from mantodeus_ops.dotenv.parse import assignments, parse_dotenv
from mantodeus_ops.env.inspect import read
from mantodeus_ops.env.variables import EnvFile, is_known, not_seen_after, unsafe_link_reason
from mantodeus_ops.errors import OpsError, PreflightError
from mantodeus_ops.remote.answers.backup import MadeBackup, NothingSaved
from mantodeus_ops.remote.answers.env import EnvFacts
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import RECORD, WRITE_ENV
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.failure_report import record_failure, signature
from mantodeus_ops.transaction.lock import Lock, deploy_lock
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from mantodeus_ops.transaction.steps import Steps


class ChangeData(TypedDict, total=False):
    """What the result tells of a change."""

    names: list[str]
    file: str
    restarted: bool
    backup: str
    added: list[str]
    to_fill: list[str]
    process: str


@dataclass(slots=True)
class EnvChange:
    """The state of a running change of an `.env`."""

    host: Host
    task: str
    lock: Lock
    facts: Facts
    file: EnvFile
    around: EnvFacts
    steps: Steps
    data: ChangeData
    made: MadeBackup = field(default_factory=NothingSaved)
    began: float = field(default_factory=time.monotonic)

    @property
    def names(self) -> list[str]:
        """Return the names of the variables to change."""
        return list(self.data["names"])


def apply_env_change(
    host: Host, task: str, names: Sequence[str], edit: Callable[[EnvChange], Edit], *, restart: bool
) -> TaskResult:
    """Apply the change that `edit` makes; return the result.

    Raise PreflightError, or the errors of `edit`, with nothing written; RolledBackError when the
    app
    did not become healthy and the old file was restored.
    """
    with deploy_lock(host, task, ref=",".join(names)) as lock:
        facts = recover_and_gather_facts(host, lock, "health")
        file, around = read(host)
        change = EnvChange(
            host, task, lock, facts, file, around, Steps(host), {"names": list(names)}
        )
        _refuse_place(change)
        _refuse_unsaved(change)
        if restart:
            _refuse_without_entry(change)
        edited = edit(change)
        _warn_of_duplicates(change)
        if host.dry_run:
            return _dry(change, edited, restart=restart)
        try:
            return _apply(change, edited, restart=restart)
        except OpsError as error:
            error.details = {**change.data, "steps": change.steps.done, **error.details}
            if not error.recorded:
                record_failure(host, lock, task, ",".join(names), change.began, error)
            raise


def _apply(change: EnvChange, edited: Edit, *, restart: bool) -> TaskResult:
    same = edited.text == change.file.text and change.file.present
    process = change.around["process"]
    stale_names = not_seen_after(parse_dotenv(change.file.text), parse_dotenv(edited.text), process)
    needed = bool(stale_names) or not process["running"] or not is_known(process)
    change.data |= {"file": change.file.file, "restarted": restart and needed}
    if not same:
        _save(change)
        write(change.host, change.file, edited.text, change.lock.run, commit_follows=restart)
    if restart and needed:
        _activate(change, swaps=[] if same else [change.file.file])
        return _result(change, "success", [])
    if same:
        return _result(change, "unchanged", stale_names)
    _record(change)
    return _result(change, "success", stale_names)


def _save(change: EnvChange) -> None:
    """Back up the previous state, so that one command restores it."""
    names = ", ".join(change.names)
    job = backup_job(change.host, change.facts, reason=f"before {change.task} {names}".rstrip(" "))
    manifest = change.steps.run(job).result
    change.data["backup"] = str(manifest.get("name", ""))
    change.made = manifest
    prune(change.host, pinned=[change.data["backup"]])


def write(host: Host, file: EnvFile, text: str, run: str, *, commit_follows: bool = False) -> None:
    """Replace the file, or stage the new one for the activation.

    Raise HostError, with nothing written, when the file was changed in the meantime.
    """
    host.call(
        WRITE_ENV,
        bytes=b64encode(text.encode("utf-8", "surrogateescape")).decode(),
        was=file.digest,
        file=file.file,
        run=run,
        commit=commit_follows,
    )


def _activate(change: EnvChange, *, swaps: list[str]) -> None:
    facts, live = change.facts, change.facts["live"] or {}
    ended = activate(
        change.host,
        change.steps,
        task=change.task,
        run=change.lock.run,
        swaps=swaps,
        sources=dict.fromkeys(swaps, f"env/{change.lock.run}"),
        env_place=change.file.file,
        was=change.file.digest if swaps else None,
        entry=live.get("entry"),
        live={**live, "at": time.time()},
        revision=live.get("revision", ""),
        previous_revision=live.get("revision", ""),
        backup=change.data.get("backup", ""),
        **left_state(change.made),
        left_verdict=verdict(facts),
        spent=round(time.monotonic() - change.began, 3),
        ref=",".join(change.names),
    )
    change.steps.done = ended.result.get("steps", change.steps.done)


def _record(change: EnvChange) -> None:
    """Record the change in the history, as an activation does."""
    live = change.facts["live"] or {}
    about = {
        "status": "success",
        "revision": live.get("revision", ""),
        "backup": change.data.get("backup", ""),
        "seconds": round(time.monotonic() - change.began, 3),
        "steps": change.steps.done,
    }
    signed = signature(change.lock.run, change.task, ",".join(change.names))
    change.host.call(RECORD, history={**signed, **about}, tidy=True)


def _result(change: EnvChange, status: str, stale_names: Sequence[str]) -> TaskResult:
    data = change.data.copy()
    process = change.around["process"]
    if stale_names:
        again = change.host.command_for("restart")
        names = ", ".join(stale_names)
        change.host.info(f"the running process has not seen the change of {names}: {again}")
    is_known_state = data["restarted"] or is_known(process) or stale_names
    has = ("old" if stale_names else "new") if is_known_state else "unknown"
    data["process"] = has if process["running"] or data["restarted"] else "not running"
    return TaskResult(status, {**data, "steps": change.steps.done})


def _warn_of_duplicates(change: EnvChange) -> None:
    all_assignments = assignments(change.file.text)
    for name in change.names:
        lines = [str(assignment.line) for assignment in all_assignments if assignment.name == name]
        if len(lines) > 1:
            change.host.info(f"{name} is assigned in lines {', '.join(lines)}: the last one counts")


def _dry(change: EnvChange, edited: Edit, *, restart: bool) -> TaskResult:
    host, file = change.host, change.file
    if edited.text == file.text and file.present:
        host.info("nothing would change")
    else:
        archive = f"{host.app.backup_dir}/backup-….tar.gz"
        host.preview(Command(("tar", "-czf", archive, *change.facts["backup_paths"])))
        ready = f".deploy/env/{change.lock.run}/{file.file}"
        host.preview(Command(("mv", ready, file.file)))
    if restart:
        host.preview(Command(("pm2", "reload", *names_in_pm2(host, change.facts))))
    return TaskResult("success", {**change.data, "file": file.file, "lines": list(edited.lines)})


def _refuse_place(change: EnvChange) -> None:
    if how := unsafe_link_reason(change.file.link):
        message = f"{change.file.file} is a link that leads {how}: it is not changed through it"
        raise PreflightError(message, f"readlink -f {change.file.file}")
    if not change.around["file"].get("regular", True):
        raise PreflightError(f"{change.file.file} is no file", f"ls -ld {change.file.file}")


def _refuse_unsaved(change: EnvChange) -> None:
    app, facts = change.host.app, change.facts
    unmoved = check_file_systems(facts, (change.file.file,))
    for finding in (*place_findings(app, facts, saves=True), *unmoved):
        raise PreflightError(finding.text, finding.hint)


def _refuse_without_entry(change: EnvChange) -> None:
    if not change.facts["live"]:
        message = f"nothing was deployed to {change.host.name} yet, to be started again"
        raise PreflightError(message, f"{change.task}  # without --restart; then deploy")
