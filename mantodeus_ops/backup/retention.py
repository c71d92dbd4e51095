"""Which backups stay: the newest few states of the app, and always a good one to go back to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mantodeus_ops.remote.answers.backup import BackupManifest


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a decision needs to know of a backup; the sequence is its age, clocks are not.

    `identity` names the state it holds: two backups of one state have it in common. `since` is the
    sequence of the state's first backup. `left` says that a rollback went away from that state,
    `damaged` that the archive can no longer be restored.
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

    @classmethod
    def of(cls, manifest: BackupManifest) -> Manifest:
        """Return the manifest that this JSON is; what it does not say is unknown."""
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
        )

    @property
    def state(self) -> str:
        """Return what tells this backup's state from another's."""
        return self.identity or self.name


def newest_first(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the manifests with the newest first."""
    return sorted(manifests, key=lambda manifest: (manifest.sequence, manifest.name), reverse=True)


def states(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the newest undamaged backup of each state, the newest state first."""
    sound = [manifest for manifest in newest_first(manifests) if not manifest.damaged]
    newest: dict[str, Manifest] = {}
    for manifest in sound:
        newest.setdefault(manifest.state, manifest)
    return list(newest.values())


def backups_to_delete(
    manifests: Sequence[Manifest], *, keep: int, pinned: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the names to delete, oldest first.

    What stays: the newest `keep` states; the newest good state that is not the newest of all, as
    that one is mostly what is live; each under its newest `keep` names, which share their bytes;
    and what is pinned.
    """
    distinct = states(manifests)
    kept = {one.state for one in distinct[:keep]}
    kept |= {next((one.state for one in distinct[1:] if one.verdict == "good"), "")}
    gone = [
        one
        for place, one in _places(manifests)
        if (one.damaged or one.state not in kept or place >= keep) and not _waits(one, distinct)
    ]
    return tuple(one.name for one in reversed(gone) if one.name not in pinned)


def _places(manifests: Sequence[Manifest]) -> list[tuple[int, Manifest]]:
    """Return the manifests, newest first, each with how many newer ones its state has."""
    seen: dict[str, int] = {}
    found = []
    for one in newest_first(manifests):
        state = "" if one.damaged else one.state
        place = seen.get(state, 0)
        seen[state] = place + 1
        found.append((place, one))
    return found


def _waits(one: Manifest, distinct: Sequence[Manifest]) -> bool:
    """Return whether a damaged one is kept for a person to see, as nothing sound came after it."""
    return one.damaged and all(other.sequence < one.sequence for other in distinct)
