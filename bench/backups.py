"""Backups, first and repeated, beside `tar -czf` of the same files."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.commands import run

from . import plain
from .bare import BARE, bare
from .taken import Taken
from .world import World, timed

DIST_FILE = "one-more.txt"
ARCHIVE = "plain.tar.gz"
FAST = "igzip"


def backups(world: World, taken: Taken) -> None:
    """Measure every kind of backup, and leave an app that is proven to run what is live."""
    taken.tar.append(_tar(world))
    with bare(world):
        _first(world, taken, "bare", BARE)
    if shutil.which(FAST, path=world.ours.env()["PATH"]):
        _first(world, taken, FAST)
    whole = _backup(world, taken, "same")
    taken.backups.setdefault("whole", []).append(whole)
    _changed(world, taken)
    # A verdict is earned by a process that is younger than its files.
    world.fab("restart")


def _tar(world: World) -> float:
    archive = world.box.root / ARCHIVE
    argv = ("tar", "-czf", archive, *plain.PATHS)
    seconds, _ = timed(lambda: run(argv, cwd=world.ours.project_dir, timeout=plain.LIMIT_SECONDS))
    archive.unlink()
    return seconds


def _first(world: World, taken: Taken, kind: str, host: str = "manager") -> None:
    shutil.rmtree(world.ours.project_dir / "backups")
    _backup(world, taken, kind, host)


def _changed(world: World, taken: Taken) -> None:
    project = world.ours.project_dir
    (project / "dist" / DIST_FILE).write_text("")
    _backup(world, taken, "dist")
    (project / "dist" / DIST_FILE).unlink()
    _touch(project / "node_modules")
    _backup(world, taken, "touched")


def _touch(folder: Path) -> None:
    run(["find", folder, "-type", "f", "-exec", "touch", "{}", "+"])


def _backup(world: World, taken: Taken, kind: str, host: str = "manager") -> float:
    """Keep what a backup itself took on the host; return the seconds of the whole command."""
    seconds, answer = timed(lambda: world.fab("backup", host=host))
    taken.backups.setdefault(kind, []).append(float(answer["backup_seconds"]))
    return seconds
