"""Backups: made beside the live app, proven before they are listed, pruned only after that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypedDict

from mantodeus_ops.app.git_commands import live_revision
from mantodeus_ops.app.path_rules import backed_up
from mantodeus_ops.backup.retention import Manifest, backups_to_delete
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.backup import (
    BackupManifest,
    BackupStates,
    LiveRecord,
    MadeBackup,
)
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import CREATE_BACKUP, RECORD
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Job, program_job
from mantodeus_ops.version import VERSION


class LiveSummary(TypedDict):
    """What a backup of the live state records of it."""

    revision: str
    branch: str
    verdict: str
    live: LiveRecord | None
    tool: str


class LeftState(TypedDict):
    """What a commit must know of the state that it leaves."""

    left: str
    left_content: str


def backup_job(host: Host, facts: Facts, *, reason: str) -> Job[MadeBackup]:
    """Return the job that makes a backup of what is live, with the verdict its health earns it."""
    about: JsonObject = {**about_live(facts), "reason": reason}
    return _job(host, facts, about)


def left_job(
    host: Host, facts: Facts, *, run: str, swaps: Collection[str], reason: str, left: bool
) -> Job[MadeBackup]:
    """Return the job that backs up what a rollback moved aside; `facts` were seen before it.

    `left` says that no later rollback is to go there by itself.
    """
    about: JsonObject = {**about_live(facts), "reason": reason, "left": left}
    roots = dict.fromkeys(swaps, f".deploy/previous/{run}")
    return _job(host, facts, about, roots=roots)


def _job(
    host: Host, facts: Facts, about: JsonObject, roots: Mapping[str, str] | None = None
) -> Job[MadeBackup]:
    begun = [worker["since"] for worker in facts["pm2"]["workers"]]
    return program_job(
        host,
        "backup",
        CREATE_BACKUP,
        paths=paths(host),
        about=about,
        running_since=min(begun, default=0),
        head_moved=facts["git"].get("moved", 0),
        roots=roots or {},
    )


def paths(host: Host) -> list[str]:
    """Return what a backup holds."""
    return backed_up(host.app)


def verdict(facts: Facts) -> str:
    """Return what the app's health says of the state that is live."""
    if facts["health"] is None:
        return "unknown"
    return "good" if facts["health"]["healthy"] else "bad"


def left_state(made: MadeBackup | BackupStates) -> LeftState:
    """Return what a commit must know of the state that it leaves, of which this backup was made.

    The content alone is what older versions of this tool know a state by.
    """
    state, content = str(made.get("state", "")), str(made.get("content", ""))
    return {"left": state or content, "left_content": content}


def about_live(facts: Facts) -> LiveSummary:
    """Return what a backup of the live state records of it."""
    return {
        "revision": live_revision(facts),
        "branch": facts["git"].get("branch", ""),
        "verdict": verdict(facts),
        "live": facts["live"],
        "tool": VERSION,
    }


def prune(
    host: Host, *, pinned: Collection[str] = (), dry: bool = False
) -> tuple[BackupManifest, ...]:
    """Delete what the retention no longer wants; return what went, or in a dry run would go."""
    found = host.call(RECORD, list=True, tidy=not dry)["backups"]
    known = [Manifest.of(manifest) for manifest in found]
    names = backups_to_delete(known, keep=host.app.keep_backups, pinned=pinned)
    if names and not dry:
        host.call(RECORD, prune=list(names))
    return tuple(one for one in found if one["name"] in names)
