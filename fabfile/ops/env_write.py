"""Carries out a change of `.env`: locked, backed up, whole or not at all, alone or with the app.

Without a restart the file is replaced by one rename. With one it goes live as a version does: by
the commit that swaps, reloads, waits for health, and swaps back when that does not come.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..host.door import Host
from ..pure.dotenv import assignments, parse_dotenv
from ..pure.env_edit import Edit
from ..pure.errors import OpsError, PreflightError
from ..pure.outcome import Report
from ..pure.places import apart, place_findings
from ..pure.shell import Command
from ..pure.variables import EnvFile, is_known, leads, not_seen_after
from .backup import backup_job, left_state, prune, verdict
from .commit import commit
from .dossier import leave_dossier, signature
from .env import read
from .facts import Facts
from .lock import Lock, locked
from .recover import ready
from .steps import Steps


@dataclass(slots=True)
class Change:
    """One change of an `.env` under way."""

    host: Host
    task: str
    lock: Lock
    facts: Facts
    file: EnvFile
    around: Facts
    steps: Steps
    data: dict[str, Any]
    made: dict[str, Any] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @property
    def names(self) -> list[str]:
        """Return the names of the variables that a person asked to change."""
        return list(self.data["names"])


def changed(
    host: Host, task: str, names: Sequence[str], edit: Callable[[Change], Edit], *, restart: bool
) -> Report:
    """Carry out the change that `edit` makes of what is there; return what came of it.

    Raise PreflightError when the place or the app speaks against it, and what `edit` raises, with
    nothing written; RolledBackError when the app did not become healthy and has the old file back.
    """
    with locked(host, task, ref=",".join(names)) as lock:
        facts = ready(host, lock, "health")
        file, around = read(host)
        change = Change(host, task, lock, facts, file, around, Steps(host), {"names": list(names)})
        _refuse_place(change)
        _refuse_unsaved(change)
        if restart:
            _refuse_without_entry(change)
        edited = edit(change)
        _tell_duplicates(change)
        if host.dry_run:
            return _dry(change, edited, restart=restart)
        try:
            return _carried_out(change, edited, restart=restart)
        except OpsError as error:
            error.details = {**change.data, "steps": change.steps.done, **error.details}
            if not error.recorded:
                leave_dossier(host, lock, task, ",".join(names), change.began, error)
            raise


def _carried_out(change: Change, edited: Edit, *, restart: bool) -> Report:
    same = edited.text == change.file.text and change.file.present
    process = change.around["process"]
    left = not_seen_after(parse_dotenv(change.file.text), parse_dotenv(edited.text), process)
    needed = bool(left) or not process["running"] or not is_known(process)
    change.data |= {"file": change.file.file, "restarted": restart and needed}
    if not same:
        _save(change)
        write(change.host, change.file, edited.text, change.lock.run, commit_follows=restart)
    if restart and needed:
        _commit(change, swaps=[] if same else [change.file.file])
        return _done(change, "success", [])
    if same:
        return _done(change, "unchanged", left)
    _record(change)
    return _done(change, "success", left)


def _save(change: Change) -> None:
    """Back up the state before: what was there comes back with one command."""
    names = ", ".join(change.names)
    job = backup_job(change.host, change.facts, reason=f"before {change.task} {names}".rstrip(" "))
    made = change.steps.run(job).result
    change.data["backup"] = str(made.get("name", ""))
    change.made = made
    prune(change.host, pinned=[change.data["backup"]])


def write(host: Host, file: EnvFile, text: str, run: str, *, commit_follows: bool = False) -> None:
    """Replace the file that was read, or make the new one ready for a commit to do that.

    Raise HostError, with nothing written, when the file was changed meanwhile.
    """
    host.tell(
        "envwrite",
        bytes=b64encode(text.encode("utf-8", "surrogateescape")).decode(),
        was=file.digest,
        file=file.file,
        run=run,
        commit=commit_follows,
    )


def _commit(change: Change, *, swaps: list[str]) -> None:
    facts, live = change.facts, change.facts["live"]
    ended = commit(
        change.host,
        change.steps,
        task=change.task,
        run=change.lock.run,
        swaps=swaps,
        sources=dict.fromkeys(swaps, f"env/{change.lock.run}"),
        env_place=change.file.file,
        was=change.file.digest if swaps else None,
        entry=live["entry"],
        live={**live, "at": time.time()},
        revision=live["revision"],
        previous_revision=live["revision"],
        backup=change.data.get("backup", ""),
        **left_state(change.made),
        left_verdict=verdict(facts),
        spent=round(time.monotonic() - change.began, 3),
        ref=",".join(change.names),
    )
    change.steps.done = ended.result.get("steps", change.steps.done)


def _record(change: Change) -> None:
    """Write the change into the history, as a commit would have."""
    live = change.facts["live"] or {}
    about = {
        "status": "success",
        "revision": live.get("revision", ""),
        "backup": change.data.get("backup", ""),
        "seconds": round(time.monotonic() - change.began, 3),
        "steps": change.steps.done,
    }
    signed = signature(change.lock.run, change.task, ",".join(change.names))
    change.host.tell("record", history={**signed, **about}, tidy=True)


def _done(change: Change, status: str, left: Sequence[str]) -> Report:
    data = dict(change.data)
    process = change.around["process"]
    if left:
        again = change.host.typed("restart")
        names = ", ".join(left)
        change.host.note(f"the running process has not seen the change of {names}: {again}")
    known = data["restarted"] or is_known(process) or left
    has = ("old" if left else "new") if known else "unknown"
    data |= {"process": has if process["running"] or data["restarted"] else "not running"}
    return Report(status, {**data, "steps": change.steps.done})


def _tell_duplicates(change: Change) -> None:
    found = assignments(change.file.text)
    for name in change.names:
        lines = [str(one.line) for one in found if one.name == name]
        if len(lines) > 1:
            change.host.note(f"{name} is assigned in lines {', '.join(lines)}: the last one counts")


def _dry(change: Change, edited: Edit, *, restart: bool) -> Report:
    host, file = change.host, change.file
    if edited.text == file.text and file.present:
        host.note("nothing would change")
    else:
        archive = f"{host.app.backup_dir}/backup-….tar.gz"
        host.would(Command(("tar", "-czf", archive, *host.app.backup_paths)))
        ready = f".deploy/env/{change.lock.run}/{file.file}"
        host.would(Command(("mv", ready, file.file)))
    if restart:
        host.would(Command(("pm2", "reload", host.app.name)))
    return Report("success", change.data | {"file": file.file, "lines": list(edited.lines)})


def _refuse_place(change: Change) -> None:
    if how := leads(change.file.link):
        message = f"{change.file.file} is a link that leads {how}: it is not changed through it"
        raise PreflightError(message, f"readlink -f {change.file.file}")
    if not change.around["file"].get("regular", True):
        raise PreflightError(f"{change.file.file} is no file", f"ls -ld {change.file.file}")


def _refuse_unsaved(change: Change) -> None:
    app, facts = change.host.app, change.facts
    unmoved = apart(facts, (change.file.file,))
    for finding in (*place_findings(app, facts, saves=True), *unmoved):
        raise PreflightError(finding.text, finding.hint)


def _refuse_without_entry(change: Change) -> None:
    if not change.facts["live"]:
        message = f"nothing was deployed to {change.host.name} yet, to be started again"
        raise PreflightError(message, f"{change.task}  # without --restart; then deploy")
