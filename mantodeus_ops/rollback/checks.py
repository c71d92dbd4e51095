"""Checks what blocks the restore of a state, before anything is changed."""

from __future__ import annotations

from mantodeus_ops.app.path_rules import check_file_systems
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.remote.answers.backup import RestoreCheck
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.rollback.candidates import RollbackTarget
from mantodeus_ops.text.format import human_bytes, short


def changes_anything(target: RollbackTarget) -> bool:
    """Return whether more than the work tree differs in that state."""
    return not {*target.paths, *target.absent} <= set(target.same)


def blocking_problems(
    target: RollbackTarget, inspected: RestoreCheck, facts: Facts
) -> list[PreflightError]:
    """Return the problems that block restoring it, before anything is changed."""
    needed = int(inspected["bytes"] * 1.05) + inspected["entries"] * 4096
    refused = []
    moved = {*target.paths, *target.absent} - set(target.same)
    refused += [
        PreflightError(finding.text, finding.hint) for finding in check_file_systems(facts, moved)
    ]
    if inspected["archive"]:
        hint = inspected.get("hint") or "backup.verify"
        refused.append(PreflightError(f"{target.shown}: {inspected['archive']}", hint))
    if target.revision and not inspected["revision_known"] and not changes_anything(target):
        text = f"git no longer has {short(target.revision)}, and no other part would change"
        refused.append(PreflightError(text, f"git fetch origin {target.revision}"))
    if not facts["project"]["writable"]:
        refused.append(PreflightError("the project directory is not writable", "ls -ld ."))
    if facts["pm2"].get("error") or not facts["pm2"].get("available", True):
        why = facts["pm2"].get("error") or "not found"
        refused.append(PreflightError(f"PM2 does not answer: {why}", "pm2 ping"))
    if inspected["bytes"] and inspected["inodes"] < inspected["entries"]:
        entries, inodes = inspected["entries"], inspected["inodes"]
        text = f"unpacking needs {entries:,} files, but only {inodes:,} can be created"
        refused.append(PreflightError(text, "backup.prune"))
    elif inspected["bytes"] and inspected["free"] < needed:
        text = (
            f"unpacking needs {human_bytes(needed)}, but {human_bytes(inspected['free'])} are free"
        )
        refused.append(PreflightError(text, "backup.prune"))
    return refused
