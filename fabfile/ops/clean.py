"""Makes room on a full disk: shows what would free how much, then clears what is not needed."""

from __future__ import annotations

from typing import Any

from ..host.door import Host
from ..pure.human import human_bytes
from ..pure.outcome import Report
from ..pure.room import Items, spare_backups, told_items
from ..pure.shell import Command
from .lock import locked
from .recover import ready


def clean(host: Host) -> Report:
    """Return what may go and what it frees; with --yes it is gone, and the disk has that room.

    The newest good backup stays, and everything that is live.
    """
    if host.dry_run or not host.options.yes:
        found = _found(host)
        for item in found["items"] if host.dry_run else ():
            host.would(Command(("rm", "-rf", item["what"])))
        if found["items"] and not host.dry_run:
            host.note("nothing was cleared yet: add --yes")
        return Report("unchanged", found | {"freed_bytes": 0})
    with locked(host, "clean") as lock:
        ready(host, lock)
        return _clear(host)


def _clear(host: Host) -> Report:
    found = _found(host)
    if not found["items"]:
        return Report("unchanged", found | {"freed_bytes": 0})
    names = [item["what"] for item in found["items"] if item["kind"] == "backup"]
    if names:
        host.tell("record", prune=names)
    paths = [item["what"] for item in found["items"] if item["kind"] != "backup"]
    host.tell("room", clear=paths, timeout=600)
    left = _found(host)
    free = left["disk_free_bytes"]
    # By what is gone and not by what is free: others write on that disk meanwhile.
    freed = max(0, found["bytes"] - left["bytes"])
    host.note(f"{human_bytes(free)} are free now")
    return Report("success", found | {"freed_bytes": freed, "disk_free_bytes": free})


def _found(host: Host) -> dict[str, Any]:
    seen = host.ask("room", timeout=600)
    items: Items = told_items([*seen["items"], *spare_backups(seen["backups"])])
    total = sum(int(item["bytes"]) for item in items)
    return {"items": items, "bytes": total, "disk_free_bytes": seen["disk"]["free"]}
