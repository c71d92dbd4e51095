"""Fills a small disk to many levels and works on it; run inside `unshare -rm`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support.file_trees import snapshot
from tests.support.project_dir import PARTS, Project, tools

SIZE = 3 << 20  # of the disk
REST = 512 << 10  # what an app of this size could want
LEVELS = 24


def names(project):
    """Return the names of what is listed."""
    return [one["name"] for one in project.listed()]


def fill(project, left):
    """Leave so many bytes free."""
    stat = os.statvfs(project.root)
    free = stat.f_bavail * stat.f_frsize
    ballast = project.root / "ballast"
    ballast.write_bytes(b"x" * max(0, free - left))
    return ballast


def level(project, left):
    """Do everything with so much room; return how much of it succeeded."""
    project.run("transaction/record", prune=names(project)[1:])
    (project.root / "dist/index.js").write_text(f"serve({left})\n")
    (project.root / "dist/noise").write_bytes(os.urandom(60_000))
    old = {name: project.archive(name).read_bytes() for name in names(project)}
    live = snapshot(project.root, *PARTS)
    ballast = fill(project, left)
    try:
        done = project.run("backup/create")
        again = project.run(
            "backup/restore", name=next(iter(old)), wanted=list(PARTS), places=list(PARTS)
        )
        pruned = project.run("transaction/record", prune=[])
        assert snapshot(project.root, *PARTS) == live
        assert all("    at " not in one.out for one in (done, again, pruned)), done.out + again.out
    finally:
        assert ballast.exists(), done.out
    ballast.unlink()
    assert {name: project.archive(name).read_bytes() for name in old} == old
    assert all(project.verify(name)[name]["ok"] for name in names(project))
    assert not any(one.get("damaged") for one in project.listed())
    assert done.code == 0 or "full" in done.out, done.out
    made = project.backup()["name"]
    assert project.verify(made)[made]["ok"]
    return (done.code == 0) + (again.code == 0)


def full_amid_a_commit(project):
    """Fill the disk while PM2 is told to reload: the commit goes back, and writes that down."""
    project.backup()
    old = (project.root / "dist/index.js").read_text()
    staged = project.root / ".deploy/staging/dist"
    staged.mkdir(parents=True)
    (staged / "index.js").write_text("next()\n")
    entry = {"file": "app.cjs", "digest": "d"}
    about = {"task": "deploy", "run": "r1", "app": "manager", "swaps": ["dist"], "entry": entry}
    about |= {"live": {"entry": entry}, "revision": "b" * 40, "previous_revision": "a" * 40}
    about |= {"pm2": "pm2", "checkout": None, "hooks": {}, "health": {}}
    about |= {"build_outputs": ["dist"]}
    pm2 = project.place / "bin/pm2"
    ballast = project.root / "ballast"
    fills = f"[ -e {ballast} ] || while printf '%09999d' 0; do :; done >{ballast}"
    pm2.write_text(f"#!/bin/bash\n{fills}\nexit 1\n")
    pm2.chmod(0o755)
    (project.root / ".deploy/live.json").write_text(json.dumps({"entry": entry}))
    done = project.run("transaction/activate", **about)
    assert ballast.exists(), done.out
    ballast.unlink()
    assert (done.code, done.result.get("status")) == (6, "failed"), done.out
    assert (project.root / done.result["dossier"]).exists()
    assert (project.root / "dist/index.js").read_text() == old
    assert '"step":"end"' in (project.root / ".deploy/journal.jsonl").read_text()


def without_inodes(place):
    """Leave no inode and much room: that, and not the room, is said to be the cause."""
    disk = place / "other/project"
    disk.mkdir(parents=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m,nr_inodes=60", "tmpfs", disk], check=True
    )
    project = Project(place / "other", path=place / "bin").fill()
    project.backup()
    while os.statvfs(disk).f_ffree:
        (disk / f"ballast{os.statvfs(disk).f_ffree}").touch()
    done = project.run("backup/create")
    assert done.code == 1, done.out
    assert "no free inode" in done.out, done.out
    fills = "for (let at = 0; ; at++) writeWhole(inDeploy(`x${at}`), '1');"
    asked = project.run("remote/signing_key", after=fills, job="")
    assert json.loads(asked.out.splitlines()[-1])["code"] == "disk-inodes-used-up", asked.out
    (project.job / "result.json").unlink(missing_ok=True)
    subprocess.run(["mount", "-o", "bind,remount,ro", disk], check=True)
    asked = project.run("remote/signing_key", after="writeWhole(inDeploy('x'), '1');", job="")
    assert json.loads(asked.out.splitlines()[-1])["code"] == "disk-read-only", asked.out


def main(folder):
    """Mount the disk, go through the levels, and insist that some failed and some did not."""
    place = Path(folder)
    disk = place / "project"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", disk], check=True)
    project = Project(place, path=tools(place / "bin")).fill()
    project.backup()
    found = [level(project, REST * step // LEVELS) for step in range(LEVELS)]
    assert min(found) == 0, found
    assert max(found) == 2, found
    full_amid_a_commit(project)
    without_inodes(place)


if __name__ == "__main__":
    main(sys.argv[1])
