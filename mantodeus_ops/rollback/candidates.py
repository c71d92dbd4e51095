"""Picks the state to roll back to: the newest good one that is not live, or a named one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mantodeus_ops.backup.naming import backup_name
from mantodeus_ops.backup.retention import Manifest, states
from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.inventory.validators import overlap
from mantodeus_ops.remote.answers.backup import (
    BackupStates,
    ComparedBackup,
    LiveRecord,
    SetAside,
    StateRecord,
)


def _nothing_aside() -> StateRecord:
    return {"swaps": [], "had": []}


@dataclass(frozen=True, slots=True)
class RollbackTarget:
    """A state to roll back to: a backup, or the state that the last change replaced, or both."""

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
    changed: bool = False
    abi: str = ""
    state: StateRecord = field(default_factory=_nothing_aside)

    @property
    def shown(self) -> str:
        """Return its name for messages."""
        return self.name or "the previous version"


def rollback_candidates(
    listing: BackupStates,
    previous: Sequence[SetAside],
    *,
    undo: bool,
    staying: str = "",
    env_file: str = ".env",
) -> list[RollbackTarget]:
    """Return the states that a rollback without a name may go to, the best first.

    They are good, and not what is live, `staying` aside, which is kept as it is. One that a
    rollback left is none of them, unless something newer is live now: that would be going forward.
    With undo, they are those that were left, whatever their verdict.
    """
    known = {each["name"]: each for each in listing["backups"]}
    every = states([Manifest.of(each) for each in listing["backups"]])
    live = [each["name"] for each in listing["backups"] if _is_live(each, listing, staying)]
    other = [each for each in every if each.name not in live]
    if undo:
        ranked = [each for each in other if each.left]
    else:
        since = [each.since for each in every if each not in other]
        good = [each for each in other if each.verdict == "good" and _is_back(each, since)]
        settings = "" if staying == env_file else env_file
        older = [each for each in good if not _is_live_version(known[each.name], settings)]
        ranked = sorted(older, key=_last_choices_last)
    targets = [_target(known[each.name], previous) for each in ranked]
    for unsaved in _unsaved(previous, every, undo=undo):
        after = unsaved.state.get("sequence") if unsaved.previous != previous[-1]["run"] else None
        newer = sum(after is not None and each.since > after for each in ranked)
        targets.insert(newer, unsaved)
    return targets


def _is_live_version(manifest: ComparedBackup, settings: str) -> bool:
    """Return whether a state is the live version with other changes of its files since.

    `settings` is the file whose difference makes another state of it.
    """
    same = manifest.get("same_revision", True) and manifest.get("same_start", True)
    return bool(manifest.get("changed")) and bool(same) and settings not in manifest["differs"]


def _last_choices_last(manifest: Manifest) -> tuple[bool, bool, int]:
    """Return the rank of a good state: those with changed files, and those left, come last."""
    return manifest.changed, manifest.left, -manifest.since if manifest.left else 0


def _is_back(manifest: Manifest, since: Sequence[int]) -> bool:
    """Return whether the state is older than the live one."""
    return not manifest.left or any(manifest.since < live for live in since)


def named_target(name: str, listing: BackupStates, previous: Sequence[SetAside]) -> RollbackTarget:
    """Return the named state; raise PreflightError when it cannot be restored."""
    backups = {backup["name"]: backup for backup in listing["backups"]}
    manifest = backups.get(backup_name(name))
    if not manifest:
        newest = ", ".join(backup["name"] for backup in listing["backups"][:3]) or "none"
        message = f"there is no complete backup {backup_name(name)!r}; the newest are {newest}"
        raise PreflightError(message, "backup.list")
    return _target(manifest, previous)


def _is_live(manifest: ComparedBackup, listing: BackupStates, staying: str) -> bool:
    if not (manifest.get("same_revision", True) and manifest.get("same_start", True)):
        return False
    return _identity(manifest) == listing["state"] or set(manifest["differs"]) <= {staying}


def _identity(manifest: ComparedBackup) -> str:
    return str(manifest.get("state") or manifest["content"])


def _is_in_previous(stored: SetAside, manifest: ComparedBackup) -> bool:
    """Return whether a change replaced the state that this backup holds."""
    state = stored["state"]
    if state.get("state"):
        return str(state["state"]) == _identity(manifest)
    # Older versions of this tool identify a state by its content alone.
    revision = (state.get("live") or {}).get("revision") or state.get("head", "")
    identity = (state.get("content"), revision)
    return identity == (manifest["content"], manifest["revision"])


def differences_from(name: str, listing: BackupStates) -> list[str]:
    """Return the parts that differ between this backup and the live state, with `revision`."""
    backups = {backup["name"]: backup for backup in listing["backups"]}
    manifest = backups.get(backup_name(name))
    if not manifest:
        return ["revision"]
    other = [] if manifest.get("same_revision", True) else ["revision"]
    return [*other, *manifest["differs"]]


def _target(manifest: ComparedBackup, previous: Sequence[SetAside]) -> RollbackTarget:
    aside = [stored for stored in previous if _is_in_previous(stored, manifest)]
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
        changed=bool(manifest.get("changed")),
        abi=manifest.get("abi", ""),
        state=newest["state"] if newest else _nothing_aside(),
    )


def _unsaved(
    previous: Sequence[SetAside], every: Sequence[Manifest], *, undo: bool
) -> list[RollbackTarget]:
    """Return the state that the last change replaced without a backup (--skip-backup).

    It counts only if .env has not changed since.
    """
    saved = {stored.state for stored in every} | {stored.content for stored in every}
    candidates = [
        stored
        for stored in previous
        if stored.get("env_same", True)
        and not saved & {stored["state"].get("state"), stored["state"].get("content", "")}
        and bool(stored["state"].get("undo")) == undo
        and (undo or stored["state"].get("verdict", "good") == "good")
    ]
    return [_from_previous(stored) for stored in candidates[-1:]]


def _from_previous(stored: SetAside) -> RollbackTarget:
    state = stored["state"]
    live = state.get("live") or {}
    swaps, names = state["swaps"], stored["names"]
    return RollbackTarget(
        "",
        previous=stored["run"],
        identity=state.get("state") or state.get("content", ""),
        revision=live.get("revision") or state.get("head") or "",
        branch=state.get("branch") or "",
        verdict=state.get("verdict", "unknown"),
        paths=tuple(name for name in swaps if name in names),
        absent=tuple(name for name in swaps if name not in state["had"]),
        state=state,
    )


def no_candidate_error(listing: BackupStates, *, undo: bool) -> PreflightError:
    """Return the error when there is no candidate, with the alternatives."""
    if undo:
        return PreflightError("there is no rollback to undo", "deploy.history")
    known_states = states([Manifest.of(manifest) for manifest in listing["backups"]])
    if any(manifest.left and manifest.verdict == "good" for manifest in known_states):
        message = "there is no older good state"
        return PreflightError(message, "rollback --undo  # to the state before the last rollback")
    bad = sum(manifest.verdict != "good" for manifest in known_states)
    message = "there is no good state except the live one"
    if bad:
        message += f"; {bad} backups hold states that were never healthy"
    return PreflightError(
        message, "backup.list  # then rollback --backup NAME" if bad else "status"
    )


def env_changes(live: str, target: str | None) -> dict[str, list[str]] | None:
    """Return the names of `.env` that the target changes; None when they are unknown."""
    if target is None:
        return None
    now, then = parse_dotenv(live), parse_dotenv(target)
    changes = {
        "added": sorted(then.keys() - now.keys()),
        "removed": sorted(now.keys() - then.keys()),
        "changed": sorted(name for name in now.keys() & then.keys() if now[name] != then[name]),
    }
    return {kind: names for kind, names in changes.items() if names}


def made_only_live(
    target: RollbackTarget, then: LiveRecord | None, made: Sequence[str]
) -> tuple[str, ...]:
    """Return what was made for the live version only, if it is known what was made for the target.

    `then` is what was recorded of the target when it was live, `made` what is live now. A path that
    overlaps one of the target's stays, also where no copy of it was kept.
    """
    known = (then or {}).get("made")
    if not isinstance(known, list):
        return ()
    names = (*target.paths, *target.absent, *known)
    return tuple(name for name in made if not any(overlap(name, own) for own in names))
