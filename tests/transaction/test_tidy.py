"""What a run that was killed left half written goes away; what may be under way stays."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.support.project_dir import Project

OPEN = '{"step":"begin","run":"1"}\n'


def test_what_was_half_written_goes_and_what_may_be_under_way_stays(tmp_path):
    project = Project(tmp_path)
    dead, unburied = subprocess.Popen(["true"]), subprocess.Popen(["true"])
    dead.wait()
    os.waitid(os.P_PID, unburied.pid, os.WEXITED | os.WNOWAIT)
    deploy = project.root / ".deploy"
    for pid in (dead.pid, unburied.pid, os.getpid()):
        (deploy / f"live.json.{pid}.tmp").touch()
    for name, age in (("old.new", 3600), ("young.new", 0)):
        (deploy / "jobs" / name).mkdir()
        os.utime(deploy / "jobs" / name, (time.time() - age,) * 2)
    assert project.run("transaction/record", tidy=True).code == 0
    unburied.wait()
    assert [one.name for one in deploy.glob("*.tmp")] == [f"live.json.{os.getpid()}.tmp"]
    assert [one.name for one in (deploy / "jobs").glob("*.new")] == ["young.new"]


def ready(project):
    """Make ready what a commit would swap in; return which of it is there after a tidy."""
    deploy = project.root / ".deploy"
    for name in ("restore", "env", "staging"):
        (deploy / name).mkdir(exist_ok=True)
    assert project.run("transaction/record", tidy=True).code == 0
    return {one.name for one in deploy.iterdir()} & {"restore", "env", "staging"}


def test_what_was_made_ready_for_a_commit_that_never_came_goes(tmp_path):
    project = Project(tmp_path)
    (project.job / "rc").write_text("1\n")
    assert ready(project) == {"staging"}  # the next deploy uses that again


@pytest.mark.parametrize("age", [60, 0, -3600])
def test_a_job_that_was_killed_before_it_began_holds_nothing_up(tmp_path, age):
    project = Project(tmp_path)
    os.utime(project.job, (time.time() - age,) * 2)
    assert ready(project) == {"staging"}


def test_trash_that_was_left_goes(tmp_path):
    project = Project(tmp_path)
    trash = project.root / ".deploy/trash"
    (trash / "old").mkdir(parents=True)
    assert project.run("transaction/record", tidy=True).code == 0
    deadline = time.monotonic() + 60
    while any(trash.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    "busy", ["a job that begins", "a job that runs", "a commit that was interrupted"]
)
def test_what_was_made_ready_stays_while_it_may_be_wanted(tmp_path, busy):
    project = Project(tmp_path)
    begins = threading.Timer(0.5 * (busy == "a job that begins"), says_who_it_is, [project.job])
    if busy == "a commit that was interrupted":
        (project.job / "rc").write_text("1\n")
        (project.root / ".deploy/journal.jsonl").write_text(OPEN)
    else:
        begins.start()
    assert ready(project) == {"restore", "env", "staging"}
    begins.cancel()


def says_who_it_is(job):
    """Write what a job does first, as if this process were it."""
    stat = Path(f"/proc/{os.getpid()}/stat").read_text().rpartition(")")[2].split()
    (job / "pid").write_text(f"{os.getpid()} {stat[19]}\n")


def kept(project, files, *, age=100_000):
    """Keep these texts as what the app wrote; return which of them a tidy leaves there."""
    place = project.root / ".deploy/written/r1"
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    os.utime(place, (time.time() - age,) * 2)
    done = project.run("transaction/record", tidy=True)
    assert done.code == 0, done.said
    return {str(one.relative_to(place)) for one in place.rglob("*") if one.is_file()}


def test_what_the_app_wrote_stays_until_it_lies_live_again(tmp_path):
    project = Project(tmp_path).fill(**{"dist/back": "data", "dist/other": "live"})
    files = {"dist/back": "data", "dist/other": "kept", "dist/alone": "data"}
    assert kept(project, files, age=60) == set(files)
    assert kept(project, files) == {"dist/other", "dist/alone"}
    assert (project.root / "dist/back").read_text() == "data"


def test_a_place_for_what_the_app_wrote_goes_with_the_last_of_it(tmp_path):
    project = Project(tmp_path).fill(**{"dist/up/a": "data"})
    assert kept(project, {"dist/up/a": "data"}) == set()
    assert not (project.root / ".deploy/written/r1").exists()


def test_what_the_app_wrote_and_a_link_of_its_name_are_not_taken_for_one(tmp_path):
    project = Project(tmp_path)
    (project.root / "dist").mkdir()
    (project.root / "dist/a").symlink_to(project.root / ".deploy/written/r1/dist/a")
    assert kept(project, {"dist/a": "data"}) == {"dist/a"}
