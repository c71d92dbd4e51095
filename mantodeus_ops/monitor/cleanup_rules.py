"""What may go when the disk is full, and what each of it frees."""

from __future__ import annotations

from collections.abc import Sequence

from mantodeus_ops.backup.retention import Manifest, backups_to_delete
from mantodeus_ops.remote.answers.backup import BackupManifest
from mantodeus_ops.remote.answers.facts import DiskItem

Items = list[DiskItem]
_KEPT = 1  # states, besides the good one to go back to
_WHAT = {
    "log": "a log of PM2's; its end stays",
    "file": "a log that was rotated away",
    "tree": "left over from a run",
    "cache": "a cache; it fills again by itself",
}


def spare_backups(manifests: Sequence[BackupManifest]) -> Items:
    """Return the backups that may go: all but the newest state and a good one to go back to.

    Those that share their bytes with one that stays free nothing.
    """
    names = set(backups_to_delete([Manifest.of(one) for one in manifests], keep=_KEPT))
    staying = {one.get("sha256") for one in manifests if one["name"] not in names}
    seen: set[str | None] = set()
    items: Items = []
    for one in manifests:
        if one["name"] not in names:
            continue
        shared = one.get("sha256") in staying | seen
        seen.add(one.get("sha256"))
        size = 0 if shared else int(one.get("bytes", 0))
        why = f"an older backup, {one.get('verdict', 'unknown')}"
        items.append({"kind": "backup", "what": one["name"], "bytes": size, "why": why})
    return items


def told_items(items: Sequence[DiskItem]) -> Items:
    """Return what the host found, each with why it may go, the largest first."""
    known: list[DiskItem] = [
        {**item, "why": item.get("why") or _WHAT[item["kind"]]} for item in items
    ]
    return sorted(known, key=lambda item: -int(item["bytes"]))
