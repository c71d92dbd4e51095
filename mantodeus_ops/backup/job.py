"""Builds backup jobs, and prunes backups after a new one is verified."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypedDict

from mantodeus_ops.app.path_rules import paths_in_backup
from mantodeus_ops.backup.retention import Manifest, backups_to_delete
from mantodeus_ops.git.git_commands import live_revision
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
    """Return the job that backs up the live state, with a verdict from its health."""
    about: JsonObject = {**about_live(facts), "reason": reason}
    return _job(host, facts, about)


def left_job(
    host: Host, facts: Facts, *, run: str, swaps: Collection[str], reason: str, left: bool
) -> Job[MadeBackup]:
    """Return the job that backs up what a rollback moved aside; `facts` were seen before it.

    `facts` are from before the rollback. `left` excludes the state from later rollbacks by default.
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
        paths=facts["backup_paths"],
        made=facts["made"],
        about=about,
        running_since=min(begun, default=0),
        head_moved=facts["git"].get("moved", 0),
        roots=roots or {},
    )


def paths(host: Host) -> list[str]:
    """Return the paths that the inventory has a backup hold; empty for what makes the version."""
    return paths_in_backup(host.app)


def verdict(facts: Facts) -> str:
    """Return the verdict of the live state, from the app's health."""
    if facts["health"] is None:
        return "unknown"
    return "good" if facts["health"]["healthy"] else "bad"


def left_state(manifest: MadeBackup | BackupStates) -> LeftState:
    """Return what a commit must know of the state that it leaves, of which this backup was made.

    Older versions of this tool identify a state by its content alone.
    """
    state, content = str(manifest.get("state", "")), str(manifest.get("content", ""))
    return {"left": state or content, "left_content": content}


def about_live(facts: Facts) -> LiveSummary:
    """Return what a backup records about the live state."""
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
    """Delete the backups outside the retention; return them; a dry run deletes nothing."""
    backups = host.call(RECORD, list=True, tidy=not dry)["backups"]
    manifests = [Manifest.of(manifest) for manifest in backups]
    names = backups_to_delete(manifests, keep=host.app.keep_backups, pinned=pinned)
    if names and not dry:
        host.call(RECORD, prune=list(names))
    return tuple(backup for backup in backups if backup["name"] in names)
