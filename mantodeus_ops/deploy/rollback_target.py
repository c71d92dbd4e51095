"""Where a rollback goes: the newest good state that is not what is live, or the one asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mantodeus_ops.app.path_rules import apart
from mantodeus_ops.backup.naming import backup_name
from mantodeus_ops.backup.retention import Manifest, states
from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.remote.answers.backup import (
    BackupStates,
    ComparedBackup,
    RestoreCheck,
    SetAside,
    StateRecord,
)
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.text.format import human_bytes, short


def _nothing_aside() -> StateRecord:
    return {"swaps": [], "had": []}


@dataclass(frozen=True, slots=True)
class RollbackTarget:
    """A state to go back to: a backup, or what the last change moved aside, or both."""

    name: str
    previous: str = ""
    identity: str = ""
    revision: str = ""
    subject: str = ""
    branch: str = ""
    verdict: str = "unknown"
    at: float = 0.0
    paths: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    left: bool = False
    abi: str = ""
    state: StateRecord = field(default_factory=_nothing_aside)

    @property
    def shown(self) -> str:
        """Return what a person calls it."""
        return self.name or "the version before"


def rollback_candidates(
    seen: BackupStates, kept: Sequence[SetAside], *, undo: bool, staying: str = ""
) -> list[RollbackTarget]:
    """Return the states that a rollback without a name may go to, the best first.

    They are good, and not what is live, `staying` aside, which is kept as it is. One that a
    rollback left is none of them, unless something newer is live now: that would be going forward.
    With undo, they are those that were left, whatever their verdict.
    """
    every = states([Manifest.of(one) for one in seen["backups"]])
    live = [one["name"] for one in seen["backups"] if _is_live(one, seen, staying)]
    other = [one for one in every if one.name not in live]
    if undo:
        ranked = [one for one in other if one.left]
    else:
        since = [one.since for one in every if one not in other]
        good = [one for one in other if one.verdict == "good" and _is_back(one, since)]
        ranked = sorted(good, key=lambda one: (one.left, -one.since if one.left else 0))
    known = {one["name"]: one for one in seen["backups"]}
    found = [_target(known[one.name], kept) for one in ranked]
    for unsaved in _unsaved(kept, every, undo=undo):
        after = unsaved.state.get("sequence") if unsaved.previous != kept[-1]["run"] else None
        newer = sum(after is not None and one.since > after for one in ranked)
        found.insert(newer, unsaved)
    return found


def _is_back(one: Manifest, since: Sequence[int]) -> bool:
    """Return whether going there is going back, from a live state that is known since then."""
    return not one.left or any(one.since < live for live in since)


def named_target(name: str, seen: BackupStates, kept: Sequence[SetAside]) -> RollbackTarget:
    """Return the state that a person named; raise PreflightError when it cannot be restored."""
    manifest = _manifest(backup_name(name), seen)
    if not manifest:
        known = ", ".join(one["name"] for one in seen["backups"][:3]) or "none"
        raise PreflightError(
            f"there is no whole backup {backup_name(name)!r}; the newest are {known}", "backup.list"
        )
    return _target(manifest, kept)


def _manifest(name: str, seen: BackupStates) -> ComparedBackup | None:
    return next((one for one in seen["backups"] if one["name"] == name), None)


def _is_live(manifest: ComparedBackup, seen: BackupStates, staying: str) -> bool:
    if not manifest.get("same_revision", True):
        return False
    return _identity(manifest) == seen["state"] or set(manifest["differs"]) <= {staying}


def _identity(manifest: ComparedBackup) -> str:
    return str(manifest.get("state") or manifest["content"])


def _is_aside(one: SetAside, manifest: ComparedBackup) -> bool:
    """Return whether this is what a change moved aside of the state that the backup holds."""
    state = one["state"]
    if state.get("state"):
        return str(state["state"]) == _identity(manifest)
    # An older version of this tool named a state by its content alone.
    revision = (state.get("live") or {}).get("revision") or state.get("head", "")
    known = (state.get("content"), revision)
    return known == (manifest["content"], manifest["revision"])


def other_than(name: str, seen: BackupStates) -> list[str]:
    """Return what is live otherwise than in this backup: its parts, and `revision`."""
    manifest = _manifest(backup_name(name), seen)
    if not manifest:
        return ["revision"]
    other = [] if manifest.get("same_revision", True) else ["revision"]
    return [*other, *manifest["differs"]]


def _target(manifest: ComparedBackup, kept: Sequence[SetAside]) -> RollbackTarget:
    aside = [one for one in kept if _is_aside(one, manifest)]
    newest = aside[-1] if aside else None
    return RollbackTarget(
        manifest["name"],
        previous=newest["run"] if newest else "",
        identity=_identity(manifest),
        revision=manifest["revision"],
        subject=manifest.get("subject", ""),
        branch=manifest.get("branch", ""),
        verdict=manifest["verdict"],
        at=manifest["at"],
        paths=tuple(manifest["paths"]),
        absent=tuple(manifest["absent"]),
        same=tuple(manifest.get("same", ())),
        left=bool(manifest.get("left")),
        abi=manifest.get("abi", ""),
        state=newest["state"] if newest else _nothing_aside(),
    )


def _unsaved(
    kept: Sequence[SetAside], every: Sequence[Manifest], *, undo: bool
) -> list[RollbackTarget]:
    """Return what the last change moved aside without a backup of it, as --skip-backup does.

    It counts only together with the .env it ran with.
    """
    known = {one.state for one in every} | {one.content for one in every}
    found = [
        one
        for one in kept
        if one.get("env_same", True)
        and not known & {one["state"].get("state"), one["state"].get("content", "")}
        and bool(one["state"].get("undo")) == undo
        and (undo or one["state"].get("verdict", "good") == "good")
    ]
    return [_aside(one) for one in found[-1:]]


def _aside(one: SetAside) -> RollbackTarget:
    state = one["state"]
    live = state.get("live") or {}
    swaps, names = state["swaps"], one["names"]
    return RollbackTarget(
        "",
        previous=one["run"],
        identity=state.get("state") or state.get("content", ""),
        revision=live.get("revision") or state.get("head") or "",
        branch=state.get("branch") or "",
        verdict=state.get("verdict", "unknown"),
        paths=tuple(name for name in swaps if name.split("/")[0] in names),
        absent=tuple(name for name in swaps if name not in state["had"]),
        state=state,
    )


def nothing_to_go_to(seen: BackupStates, *, undo: bool) -> PreflightError:
    """Return the refusal when there is no candidate, with what there is instead."""
    if undo:
        return PreflightError("there is no rollback to undo", "deploy.history")
    found = states([Manifest.of(one) for one in seen["backups"]])
    if any(one.left and one.verdict == "good" for one in found):
        message = "there is nothing older that is good"
        return PreflightError(message, "rollback --undo  # to what the last rollback left")
    bad = sum(one.verdict != "good" for one in found)
    message = "there is no good state to go back to but what is live"
    if bad:
        message += f"; {bad} backups are of states that were not seen healthy"
    return PreflightError(
        message, "backup.list  # then rollback --backup NAME" if bad else "status"
    )


def env_changes(live: str, target: str | None) -> dict[str, list[str]] | None:
    """Return the names of `.env` that the target changes; None when that cannot be told."""
    if target is None:
        return None
    now, then = parse_dotenv(live), parse_dotenv(target)
    found = {
        "added": sorted(then.keys() - now.keys()),
        "removed": sorted(now.keys() - then.keys()),
        "changed": sorted(name for name in now.keys() & then.keys() if now[name] != then[name]),
    }
    return {kind: names for kind, names in found.items() if names}


def moves(target: RollbackTarget) -> bool:
    """Return whether anything but the work tree is another in that state."""
    return not {*target.paths, *target.absent} <= set(target.same)


def blocking_problems(
    target: RollbackTarget, found: RestoreCheck, facts: Facts
) -> list[PreflightError]:
    """Return what speaks against restoring it: the checks before anything is touched."""
    needed = int(found["bytes"] * 1.05) + found["entries"] * 4096
    refused = []
    moved = {*target.paths, *target.absent} - set(target.same)
    refused += [PreflightError(one.text, one.hint) for one in apart(facts, moved)]
    if found["archive"]:
        hint = found.get("hint") or "backup.verify"
        refused.append(PreflightError(f"{target.shown}: {found['archive']}", hint))
    if target.revision and not found["revision_known"] and not moves(target):
        text = f"git no longer has {short(target.revision)}, and nothing else would change"
        refused.append(PreflightError(text, f"git fetch origin {target.revision}"))
    if not facts["project"]["writable"]:
        refused.append(PreflightError("the project directory is not writable", "ls -ld ."))
    if facts["pm2"].get("error") or not facts["pm2"].get("available", True):
        why = facts["pm2"].get("error") or "it is not there"
        refused.append(PreflightError(f"PM2 cannot be asked: {why}", "pm2 ping"))
    if found["bytes"] and found["inodes"] < found["entries"]:
        text = f"unpacking wants {found['entries']:,} files, {found['inodes']:,} more may be made"
        refused.append(PreflightError(text, "backup.prune"))
    elif found["bytes"] and found["free"] < needed:
        text = f"unpacking wants {human_bytes(needed)}, {human_bytes(found['free'])} are free"
        refused.append(PreflightError(text, "backup.prune"))
    return refused
