"""Going back: to the state that a deploy left aside, to one that only an archive has, plainly."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.commands import run

from . import plain
from .samples import BenchError
from .taken import Taken, Watched
from .world import World, timed

BY_HAND = "installed-by-hand.txt"


def rollbacks(world: World, taken: Taken) -> None:
    """Measure going back right after a deploy, ours and plainly, then out of an archive."""
    project = world.ours.project_dir
    if not world.before:
        world.deploy_plainly()
    # A restart since the last deploy would have told already what the live files are.
    world.deploy()
    kept = [_inode(one) for one in (project / ".deploy" / "previous").glob("*/dist")]
    _back(world, taken.ours.rollback)
    _insist("what was kept aside was not renamed", holds=_inode(project / "dist") in kept)
    taken.plain.rollback.change(world.plain, lambda: _plainly(world))
    plain.insist(world.plain, world.before)
    _hide_from_renames(project)
    spoilt = _inode(project / "node_modules")
    name = _back(world, taken.restore)
    _insist("nothing was unpacked", holds=_inode(project / "node_modules") != spoilt)
    taken.extractions.append(_extraction(world, name))


def _back(world: World, kept: Watched) -> str:
    """Go back our way; return the name of the backup that is live then."""
    answer = kept.change(world.ours, lambda: world.fab("rollback"))
    plain.insist(world.ours, answer["revision"])
    return str(answer["backup"])


def _inode(folder: Path) -> int:
    """Return what tells a folder from every other, whatever its name."""
    return folder.stat().st_ino


def _insist(otherwise: str, *, holds: bool) -> None:
    if not holds:
        raise BenchError(f"the rollback went another way than was to be measured: {otherwise}")


def _plainly(world: World) -> str:
    return world.ssh(world.plain, plain.rollback(world.plain))


def _hide_from_renames(project: Path) -> None:
    """Let no state but that in an archive be good: the live dependencies were tampered with."""
    shutil.rmtree(project / ".deploy" / "previous")
    (project / "node_modules" / BY_HAND).write_text("")


def _extraction(world: World, name: str) -> float:
    archive = world.ours.project_dir / "backups" / f"{name}.tar.gz"
    with TemporaryDirectory(dir=world.box.root) as folder:
        return timed(lambda: run(["tar", "-xzf", archive, "-C", folder]))[0]
