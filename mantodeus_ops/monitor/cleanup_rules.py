"""Decides what can be deleted on a full disk, and how much each item frees."""

from __future__ import annotations

from collections.abc import Sequence

from mantodeus_ops.backup.retention import Manifest, backups_to_delete
from mantodeus_ops.remote.answers.backup import BackupManifest
from mantodeus_ops.remote.answers.facts import DiskItem

Items = list[DiskItem]
_KEPT = 1  # states, besides the good one for a rollback
_WHAT = {
    "log": "a log of PM2's; its end stays",
    "file": "a log that was rotated away",
    "tree": "left over from a run",
    "assets": "files of earlier versions; open pages may ask for them",
    "cache": "a cache; it fills again by itself",
}


def spare_backups(manifests: Sequence[BackupManifest]) -> Items:
    """Return the backups that may go: all but the newest state and a good one to go back to.

    Backups that share their bytes with a kept one free nothing.
    """
    names = set(backups_to_delete([Manifest.of(backup) for backup in manifests], keep=_KEPT))
    staying = {backup.get("sha256") for backup in manifests if backup["name"] not in names}
    counted: set[str | None] = set()
    items: Items = []
    for backup in manifests:
        if backup["name"] not in names:
            continue
        shared = backup.get("sha256") in staying | counted
        counted.add(backup.get("sha256"))
        size = 0 if shared else int(backup.get("bytes", 0))
        why = f"an older backup, {backup.get('verdict', 'unknown')}"
        items.append({"kind": "backup", "what": backup["name"], "bytes": size, "why": why})
    return items


def describe_items(items: Sequence[DiskItem]) -> Items:
    """Return the items, each with the reason for deleting it, the largest first."""
    described: list[DiskItem] = [
        {**item, "why": item.get("why") or _WHAT[item["kind"]]} for item in items
    ]
    return sorted(described, key=lambda item: -int(item["bytes"]))
