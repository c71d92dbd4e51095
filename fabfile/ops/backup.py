"""Backups: made beside the live app, proven before they are listed, pruned only after that."""

from __future__ import annotations

from ..host.door import Host
from ..host.jobs import Job, program_job
from ..pure.retention import Manifest, doomed
from .facts import Facts


def backup_job(host: Host, facts: Facts, *, reason: str) -> Job:
    """Return the job that makes a backup of what is live, with the verdict its health earns it."""
    live = facts["live"] or {}
    about = {
        "revision": live.get("revision") or facts["git"].get("head", ""),
        "branch": facts["git"].get("branch", ""),
        "reason": reason,
        "verdict": _verdict(facts),
        "modules": live.get("modules", ""),
    }
    return program_job(host, "backup", "backup", paths=list(host.app.backup_paths), about=about)


def _verdict(facts: Facts) -> str:
    if facts["health"] is None:
        return "unknown"
    return "good" if facts["health"]["healthy"] else "bad"


def prune(host: Host) -> tuple[str, ...]:
    """Delete what the retention no longer wants; return the names."""
    known = [
        Manifest.of(manifest) for manifest in host.tell("record", list=True, tidy=True)["backups"]
    ]
    names = doomed(known, keep=host.app.keep_backups)
    if names:
        host.tell("record", prune=list(names))
    return names
