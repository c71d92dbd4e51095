"""Decides which backups to keep: the newest states, and always a good one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mantodeus_ops.remote.answers.backup import BackupManifest


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts about a backup that retention needs; age is by sequence, not by clock.

    `identity` names the state it holds: two backups of one state have it in common. `since` is the
    sequence of the state's first backup. `left` says that a rollback went away from that state,
    `damaged` that the archive can no longer be restored, `changed` that files of the version were
    written after it was seen healthy.
    """

    name: str
    sequence: int
    verdict: str
    content: str = ""
    identity: str = ""
    since: int = 0
    revision: str = ""
    at: float = 0.0
    bytes: int = 0
    left: bool = False
    damaged: bool = False
    changed: bool = False

    @classmethod
    def of(cls, manifest: BackupManifest) -> Manifest:
        """Return the manifest in this JSON; missing keys are unknown."""
        return cls(
            str(manifest["name"]),
            int(manifest.get("sequence", 0)),
            str(manifest.get("verdict", "unknown")),
            content=str(manifest.get("content", "")),
            identity=str(manifest.get("state") or manifest.get("content", "")),
            since=int(manifest.get("since", manifest.get("sequence", 0))),
            revision=str(manifest.get("revision", "")),
            at=float(manifest.get("at", 0.0)),
            bytes=int(manifest.get("bytes", 0)),
            left=bool(manifest.get("left")),
            damaged=bool(manifest.get("damaged")),
            changed=bool(manifest.get("changed")),
        )

    @property
    def state(self) -> str:
        """Return the identity of the backup's state."""
        return self.identity or self.name


def newest_first(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the manifests, newest first."""
    return sorted(manifests, key=lambda manifest: (manifest.sequence, manifest.name), reverse=True)


def states(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the newest intact backup of each state, newest state first."""
    sound = [manifest for manifest in newest_first(manifests) if not manifest.damaged]
    newest: dict[str, Manifest] = {}
    for manifest in sound:
        newest.setdefault(manifest.state, manifest)
    return list(newest.values())


def backups_to_delete(
    manifests: Sequence[Manifest], *, keep: int, pinned: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the names to delete, oldest first.

    Kept are the newest `keep` states; the newest good state except the newest of all, which is
    usually live; of each state the newest `keep` backups, which share their bytes; and pinned ones.
    """
    distinct = states(manifests)
    kept_states = {manifest.state for manifest in distinct[:keep]}
    good = [manifest for manifest in distinct[1:] if manifest.verdict == "good"]
    unchanged = [manifest for manifest in good if not manifest.changed]
    kept_states |= {manifest.state for manifest in (unchanged or good)[:1]}
    to_delete = [
        manifest
        for rank, manifest in _ranked(manifests)
        if (manifest.damaged or manifest.state not in kept_states or rank >= keep)
        and not _is_kept_for_inspection(manifest, distinct)
    ]
    return tuple(manifest.name for manifest in reversed(to_delete) if manifest.name not in pinned)


def _ranked(manifests: Sequence[Manifest]) -> list[tuple[int, Manifest]]:
    """Return the manifests, newest first, each with the number of newer ones of its state."""
    counts: dict[str, int] = {}
    ranked = []
    for manifest in newest_first(manifests):
        state = "" if manifest.damaged else manifest.state
        rank = counts.get(state, 0)
        counts[state] = rank + 1
        ranked.append((rank, manifest))
    return ranked


def _is_kept_for_inspection(manifest: Manifest, distinct: Sequence[Manifest]) -> bool:
    """Return whether a damaged backup is kept, as no intact one is newer."""
    return manifest.damaged and all(other.sequence < manifest.sequence for other in distinct)
