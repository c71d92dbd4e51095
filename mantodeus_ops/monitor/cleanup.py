"""Makes room on a full disk: shows what would free how much, then clears what is not needed."""

from __future__ import annotations

from typing import TypedDict

from mantodeus_ops.monitor.cleanup_rules import Items, spare_backups, told_items
from mantodeus_ops.remote.answers.programs import DISK_USAGE, RECORD
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import human_bytes
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.recover import ready


class Cleanup(TypedDict):
    """What may go, and what that frees."""

    items: Items
    bytes: int
    disk_free_bytes: float


def clean(host: Host) -> TaskResult:
    """Return what may go and what it frees; with --yes it is gone, and the disk has that room.

    The newest good backup stays, and everything that is live.
    """
    if host.dry_run or not host.options.yes:
        found = _found(host)
        for item in found["items"] if host.dry_run else ():
            host.preview(Command(("rm", "-rf", item["what"])))
        if found["items"] and not host.dry_run:
            host.info("nothing was cleared yet: add --yes")
        return TaskResult("unchanged", found | {"freed_bytes": 0})
    with deploy_lock(host, "clean") as lock:
        ready(host, lock)
        return _clear(host)


def _clear(host: Host) -> TaskResult:
    found = _found(host)
    if not found["items"]:
        return TaskResult("unchanged", found | {"freed_bytes": 0})
    names = [item["what"] for item in found["items"] if item["kind"] == "backup"]
    if names:
        host.call(RECORD, prune=names)
    paths = [item["what"] for item in found["items"] if item["kind"] != "backup"]
    host.call(DISK_USAGE, clear=paths, timeout=600)
    left = _found(host)
    free = left["disk_free_bytes"]
    # By what is gone and not by what is free: others write on that disk meanwhile.
    freed = max(0, found["bytes"] - left["bytes"])
    host.info(f"{human_bytes(free)} are free now")
    return TaskResult("success", found | {"freed_bytes": freed, "disk_free_bytes": free})


def _found(host: Host) -> Cleanup:
    seen = host.query(DISK_USAGE, timeout=600)
    items: Items = told_items([*seen["items"], *spare_backups(seen["backups"])])
    total = sum(int(item["bytes"]) for item in items)
    return {"items": items, "bytes": total, "disk_free_bytes": seen["disk"]["free"]}
