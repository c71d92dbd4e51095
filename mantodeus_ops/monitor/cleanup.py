"""Frees space on a full disk: shows how much can be freed, then deletes."""

from __future__ import annotations

from typing import TypedDict

from mantodeus_ops.monitor.cleanup_rules import Items, describe_items, spare_backups
from mantodeus_ops.remote.answers.programs import DISK_USAGE, RECORD
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import human_bytes
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.recover import recover_and_gather_facts


class Cleanup(TypedDict):
    """What may go, and what that frees."""

    items: Items
    bytes: int
    disk_free_bytes: float


def clean(host: Host) -> TaskResult:
    """Return what can be deleted and the bytes freed; with --yes, delete it.

    The newest good backup and everything live are kept.
    """
    if host.dry_run or not host.options.yes:
        removable = _removable(host)
        for item in removable["items"] if host.dry_run else ():
            host.preview(Command(("rm", "-rf", item["what"])))
        if removable["items"] and not host.dry_run:
            host.info("nothing was deleted: add --yes")
        return TaskResult("unchanged", removable | {"freed_bytes": 0})
    with deploy_lock(host, "clean") as lock:
        recover_and_gather_facts(host, lock)
        return _clear(host)


def _clear(host: Host) -> TaskResult:
    before = _removable(host)
    if not before["items"]:
        return TaskResult("unchanged", before | {"freed_bytes": 0})
    names = [item["what"] for item in before["items"] if item["kind"] == "backup"]
    if names:
        host.call(RECORD, prune=names)
    paths = [item["what"] for item in before["items"] if item["kind"] != "backup"]
    host.call(DISK_USAGE, clear=paths, timeout=600)
    after = _removable(host)
    free = after["disk_free_bytes"]
    # By what was deleted, not by free space: others write to that disk.
    freed = max(0, before["bytes"] - after["bytes"])
    host.info(f"{human_bytes(free)} are free now")
    return TaskResult("success", before | {"freed_bytes": freed, "disk_free_bytes": free})


def _removable(host: Host) -> Cleanup:
    facts = host.query(DISK_USAGE, timeout=600)
    items: Items = describe_items([*facts["items"], *spare_backups(facts["backups"])])
    total = sum(int(item["bytes"]) for item in items)
    return {"items": items, "bytes": total, "disk_free_bytes": facts["disk"]["free"]}
