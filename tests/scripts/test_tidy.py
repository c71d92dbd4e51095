"""What a run that was killed left half written goes away; what may be under way stays."""

from __future__ import annotations

import os
import subprocess
import time

from tests.scripts.project import Project


def test_what_was_half_written_goes_and_what_may_be_under_way_stays(tmp_path):
    project = Project(tmp_path)
    dead = subprocess.Popen(["true"])
    dead.wait()
    deploy = project.root / ".deploy"
    for pid in (dead.pid, os.getpid()):
        (deploy / f"live.json.{pid}.tmp").touch()
    for name, age in (("old.new", 3600), ("young.new", 0)):
        (deploy / "jobs" / name).mkdir()
        os.utime(deploy / "jobs" / name, (time.time() - age,) * 2)
    assert project.run("record", tidy=True).code == 0
    assert [one.name for one in deploy.glob("*.tmp")] == [f"live.json.{os.getpid()}.tmp"]
    assert [one.name for one in (deploy / "jobs").glob("*.new")] == ["young.new"]
