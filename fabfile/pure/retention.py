"""Which backups stay: the newest few, and always the newest good one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Manifest:
    """What retention needs to know of a backup; the sequence is its age, clocks are not."""

    name: str
    sequence: int
    verdict: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Manifest:
        """Return the manifest that this JSON is."""
        return cls(
            str(manifest["name"]),
            int(manifest.get("sequence", 0)),
            str(manifest.get("verdict", "unknown")),
        )


def newest_first(manifests: Sequence[Manifest]) -> list[Manifest]:
    """Return the manifests with the newest first."""
    return sorted(manifests, key=lambda manifest: (manifest.sequence, manifest.name), reverse=True)


def doomed(manifests: Sequence[Manifest], *, keep: int) -> tuple[str, ...]:
    """Return the names to delete, oldest first: not the newest `keep`, nor the newest good one."""
    ordered = newest_first(manifests)
    good = next((manifest.name for manifest in ordered if manifest.verdict == "good"), "")
    kept = {manifest.name for manifest in ordered[:keep]} | {good}
    return tuple(manifest.name for manifest in reversed(ordered) if manifest.name not in kept)
