"""What a backup says of itself: what was absent, and which came after which."""

import itertools
import os
import shutil
import time
from pathlib import Path

import pytest

from tests.support.file_trees import snapshot
from tests.support.project_dir import PARTS, Project

CLOCK = Path(__file__).parents[1] / "support/clock.js"
JUMPS = {
    "stands still": (1_700_000_000_000,) * 6,
    "goes backward": tuple(1_700_000_000_000 - 86_400_000 * turn for turn in range(6)),
    "jumps about": (1_700_000_000_000, 0, 4_000_000_000_000, 1000, 1_700_000_000_500, 1000),
}
SUBSETS = [parts for size in range(5) for parts in itertools.combinations(PARTS, size)]


def clocked(at):
    """Return how a program runs whose clock stands at a time."""
    return {"before": ["env", f"OPS_CLOCK={at}"], "node": ["-r", str(CLOCK)]}


@pytest.mark.parametrize("present", SUBSETS, ids=",".join)
def test_what_is_absent_is_recorded_as_absent(tmp_path, present):
    project = Project(tmp_path).fill()
    for name in set(PARTS) - set(present):
        path = project.root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = project.run("backup/create")
    assert done.code == 0
    if not present:
        assert (done.result, done.said) == ({"name": ""}, ["nothing to back up yet"])
        assert project.listed() == []
        return
    told = project.manifest(done.result["name"])
    assert told["paths"] == list(present)
    assert told["absent"] == [name for name in PARTS if name not in present]
    assert project.restore(told["name"], wanted=present).code == 0
    assert snapshot(project.restored) == snapshot(project.root, *PARTS)


def test_states_differ_that_differ_only_in_what_is_absent(tmp_path):
    project = Project(tmp_path).fill()
    whole = project.backup()
    (project.root / ".env").unlink()
    without = project.backup()
    (project.root / ".env").write_text("SECRET=1\n")
    again = project.backup()
    assert without["reused"] == ["dist", "node_modules", "package-lock.json"]
    assert whole["content"] != without["content"]
    assert again["content"] == whole["content"]


@pytest.mark.parametrize("jump", JUMPS)
def test_no_clock_disturbs_names_or_order(tmp_path, jump):
    project = Project(tmp_path).fill()
    names = []
    for turn, at in enumerate(JUMPS[jump]):
        (project.root / ".env").write_text(f"TURN={turn // 2}\n")  # each state twice
        names.append(project.backup(**clocked(at))["name"])
    assert len(set(names)) == 6
    assert [one["name"] for one in project.listed()] == names[::-1]
    assert [one["sequence"] for one in project.listed()] == [6, 5, 4, 3, 2, 1]
    assert all(one["ok"] for one in project.verify().values())


@pytest.mark.parametrize(("age", "sure"), [(0.005, False), (-0.005, False), (1, True), (-1, True)])
def test_what_was_written_a_moment_ago_may_be_written_again_unseen(tmp_path, age, sure):
    """Two changes within one tick of the clock leave the same time."""
    project = Project(tmp_path).fill()
    os.utime(project.root / "dist/index.js", (1_700_000_000 - age,) * 2)
    told = project.backup(**clocked(1_700_000_000_000))
    assert (told["consistent"], told["verdict"]) == (sure, "good" if sure else "unknown")


def test_a_prune_leaves_the_bytes_that_another_record_shares(tmp_path):
    project = Project(tmp_path).fill()
    first, second = project.backup(), project.backup()
    assert second["same_as"] == first["name"]
    assert project.run("transaction/record", prune=[first["name"]]).code == 0
    assert [(name, one["ok"]) for name, one in project.verify().items()] == [(second["name"], True)]
    assert project.restore(second["name"]).code == 0


def test_a_number_is_not_given_twice_after_a_prune(tmp_path):
    project = Project(tmp_path).fill()
    first, second = project.backup(**clocked(0)), project.backup(**clocked(0))
    assert project.run("transaction/record", prune=[first["name"]]).code == 0
    third = project.backup(**clocked(0))
    assert [second["sequence"], third["sequence"]] == [2, 3]


def test_a_backup_that_is_damaged_is_neither_copied_nor_linked(tmp_path):
    project = Project(tmp_path).fill()
    first = project.backup()
    archive = project.archive(first["name"])
    flipped = bytearray(archive.read_bytes())
    flipped[len(flipped) // 2] ^= 1
    archive.write_bytes(flipped)
    assert not project.verify()[first["name"]]["ok"]
    second = project.backup()
    assert second["reused"] == []
    seen = {name: one["ok"] for name, one in project.verify().items()}
    assert seen == {first["name"]: False, second["name"]: True}


def test_rot_that_nobody_has_seen_yet_is_not_copied_into_the_next_backup(tmp_path):
    project = Project(tmp_path).fill()
    first = project.backup()
    part = next(one for one in first["parts"] if one["path"] == "node_modules")
    with project.archive(first["name"]).open("r+b") as file:
        file.seek(part["offset"] + part["bytes"] // 2)
        file.write(b"rot")
    (project.root / ".env").write_text("SECRET=2\n")
    second = project.backup()
    assert second["reused"] == ["dist", "package-lock.json"]
    assert project.verify()[second["name"]]["ok"]


def test_moving_a_state_aside_does_not_take_away_its_proof(tmp_path):
    """A rename changes a file's change time; what a rollback left is as good as it was."""
    project = Project(tmp_path).fill()
    began, aside = started(), ".deploy/previous/run"
    (project.root / aside).mkdir(parents=True)
    for name in PARTS:
        (project.root / name).rename(project.root / aside / name)
    roots = dict.fromkeys(PARTS, aside)
    assert project.backup(roots=roots, running_since=began)["verdict"] == "good"


def test_a_file_of_old_that_is_put_in_place_was_not_proven(tmp_path):
    project = Project(tmp_path).fill()
    old = project.root / ".env.old"
    old.write_text("SECRET=0\n")
    began = started()
    old.rename(project.root / ".env")
    assert project.backup(running_since=began)["verdict"] == "unknown"


def started():
    """Return when a process began after all that was written, in seconds since 1970."""
    time.sleep(0.05)
    began = time.time()
    time.sleep(0.05)
    return began


def test_what_a_restore_finds_damaged_is_marked_so_and_its_sound_twin_is_not(tmp_path):
    """Two archives of one state need not be the same bytes: where links fail, they are copies."""
    project = Project(tmp_path).fill()
    first = project.backup()
    second = project.backup()
    copy = project.archive(second["name"]).read_bytes()
    project.archive(second["name"]).unlink()
    project.archive(second["name"]).write_bytes(copy)
    with project.archive(first["name"]).open("r+b") as file:
        file.seek(30)
        file.write(b"rot")
    assert project.restore(first["name"]).code == 94
    marks = {one["name"]: one.get("damaged", False) for one in project.listed()}
    assert marks == {first["name"]: True, second["name"]: False}
    assert project.restore(second["name"]).code == 0
