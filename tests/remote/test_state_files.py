"""Whatever lies where a file of the tool's own should be: it is named, kept, and passed over."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from tests.support.project_dir import Project

LIVE = {"revision": "a" * 40, "entry": None, "at": 1}
PAST = {"at": 1, "run": "r", "task": "deploy", "status": "success"}
WRONG = [b"null", b"5", b'"x"', b"[]", b"{}", b"", b"{", b"\xff\xfe", b'{"revision": 5}']


def in_place(path, what):
    """Put something there that no program of ours writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(what, bytes):
        path.write_bytes(what)
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
        (path / "inside").write_text("kept")
    elif what == "socket":
        here = Path.cwd()
        os.chdir(path.parent)  # its name is bounded
        socket.socket(socket.AF_UNIX).bind(path.name)
        os.chdir(here)
    elif what == "link":
        path.symlink_to("nowhere")
    elif what == "large":
        with path.open("wb") as file:
            file.truncate(200_000_000)
    elif what == "shut":
        path.write_text("{}")
        path.chmod(0)


ODD = ["pipe", "directory", "socket", "link", "large", "shut"]


@pytest.fixture
def project(tmp_path):
    """Return an app's directory with a small app."""
    return Project(tmp_path).fill()


def answer(done):
    """Return the answer of a program that went on, whatever it met."""
    assert done.code == 0, done.out
    assert "    at " not in done.out
    return json.loads(done.out.strip().splitlines()[-1])


def standing(project, **more):
    """Return what a fleet asks of the host."""
    return answer(
        project.run("fleet/host_state", before=["timeout", "20"], want=["failed"], **more)
    )


def kept(project, name):
    """Return the places that something of this name was moved to."""
    return sorted((project.root / ".deploy").glob(f"{name}.unreadable-*"))


@pytest.mark.parametrize("what", [*WRONG, *ODD])
def test_a_live_json_of_any_kind_is_named_and_moved_only_under_the_lock(project, what):
    place = project.root / ".deploy/live.json"
    in_place(place, what)
    seen = standing(project)
    assert seen["live"] == ""
    assert ".deploy/live.json" in seen["unreadable"][0]
    assert os.path.lexists(place)
    assert not kept(project, "live.json")
    standing(project, holds_lock=True)
    assert not os.path.lexists(place)
    (moved,) = kept(project, "live.json")
    if isinstance(what, bytes):
        assert moved.read_bytes() == what
    if what == "directory":
        assert (moved / "inside").read_text() == "kept"
    assert "unreadable" not in standing(project, holds_lock=True)


@pytest.mark.parametrize("name", ["journal.jsonl", "history.jsonl"])
@pytest.mark.parametrize("what", [b"null\n", b"5", b"{}\n", b"\xff\xfe", *ODD])
def test_records_are_read_and_written_whatever_lies_there(project, name, what):
    in_place(project.root / ".deploy" / name, what)
    standing(project)
    assert answer(project.run("transaction/record", history=PAST, holds_lock=True))["done"]
    seen = standing(project)
    assert seen["last"]["status"] == "success"
    assert not seen["cut_off"]


def test_a_line_that_is_no_record_takes_no_other_along_and_stays(project):
    text = f'null\n{json.dumps(PAST)}\n5\n"x"\n[]\n{{"torn'
    in_place(project.root / ".deploy/history.jsonl", text.encode())
    seen = standing(project)
    assert seen["last"]["status"] == "success"
    assert "4 lines" in seen["unreadable"][0]
    assert (project.root / ".deploy/history.jsonl").read_text() == text


@pytest.mark.parametrize("what", ["pipe", "directory", "link", "shut"])
def test_without_the_lock_nothing_is_written_where_something_else_lies(project, what):
    in_place(project.root / ".deploy/history.jsonl", what)
    done = project.run("transaction/record", before=["timeout", "20"], history=PAST)
    assert done.code == 94
    assert "history.jsonl" in done.out.splitlines()[-1]


def test_what_was_put_aside_is_bounded_and_the_newest_stay(project):
    for turn in range(12):
        in_place(project.root / ".deploy/live.json", str(turn).encode())
        standing(project, holds_lock=True)
    assert len(kept(project, "live.json")) == 8


FREEZE = {"kind": "freeze", "token": "one", "reason": "the fair", "since": 1}


def lockstep(project, step, record=None):
    """Return what came of one step of the lock."""
    record = record or {"token": "mine"}
    return answer(
        project.run("transaction/lock_command", step=step, record=record, before=["timeout", "20"])
    )


@pytest.mark.parametrize("what", [*WRONG, *ODD])
def test_a_lock_record_that_cannot_be_read_is_ended_by_a_person_and_kept(project, what):
    in_place(project.root / ".deploy/lock/00000004", what)
    seen = lockstep(project, "read")
    assert (seen["kind"], seen["verdict"]) == ("unreadable", "dead")
    assert ".deploy/lock/00000004" in seen["unreadable"][0]
    assert lockstep(project, "unlock", seen)["done"]
    assert lockstep(project, "read")["verdict"] == "free"
    assert len(kept(project, "lock/00000004")) == 1
    assert lockstep(project, "freeze")["held"]


@pytest.mark.parametrize("what", [b"null", b"5", "pipe", "directory", "shut"])
def test_a_lock_record_that_cannot_be_read_holds_nothing_up(project, what):
    in_place(project.root / ".deploy/lock/00000004", what)
    taken = lockstep(project, "take")
    assert (taken["held"], taken["before"]["verdict"]) == (True, "dead")
    assert len(kept(project, "lock/00000004")) == 1


@pytest.mark.parametrize("odd", [{"token": 5}, {"pid": 1, "started": "2"}, {"since": "x"}])
def test_a_freeze_of_odd_fields_is_a_freeze_and_ends(project, odd):
    in_place(project.root / ".deploy/lock/00000004", json.dumps(FREEZE | odd).encode())
    seen = lockstep(project, "read")
    assert seen["verdict"] == "frozen"
    assert not lockstep(project, "take")["held"]
    assert lockstep(project, "unlock", seen)["done"]
    assert lockstep(project, "read")["verdict"] == "free"


def test_an_unlock_that_changes_nothing_says_so(project):
    in_place(project.root / ".deploy/lock/00000004", json.dumps(FREEZE).encode())
    assert not lockstep(project, "unlock", {"token": "another"})["done"]
    assert lockstep(project, "read")["verdict"] == "frozen"


@pytest.mark.parametrize("what", [b"5", b"\xff", "pipe", "directory", "link", "shut"])
def test_a_manifest_of_any_kind_is_passed_over_and_named(project, what):
    good, bad = project.backup()["name"], "backup-20250101-000000"
    in_place(project.backups / f"{bad}.json", what)
    done = answer(project.run("transaction/record", before=["timeout", "20"], list=True))
    assert [one["name"] for one in done["backups"]] == [good]
    assert project.backup()["name"]


@pytest.mark.parametrize("what", ["pipe", "directory", "large", "shut"])
def test_the_files_of_a_job_never_make_anything_wait(project, what):
    in_place(project.root / ".deploy/jobs/20250101-000000-deploy-aaaaaa/pid", what)
    assert answer(
        project.run("transaction/record", before=["timeout", "20"], tidy=True, holds_lock=True)
    )


@pytest.mark.parametrize(
    "text", ["", "\n", "a", "é\r\n\t", "x" * 300_000, '{"a": "\\u0000"}', "\0"]
)
def test_a_file_holds_exactly_what_was_written_and_is_private(tmp_path, text):
    project = Project(tmp_path)
    file, copy = project.root / "file", project.root / "copy"
    file.write_text("old")
    copy.hardlink_to(file)
    write = "writeWhole(path.join(project, 'file'), params.text);"
    assert project.run("remote/signing_key", after=write, job="", text=text).code == 0
    assert (file.read_bytes(), copy.read_text()) == (text.encode(), "old")
    assert file.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in project.root.iterdir()} == {"file", "copy", ".deploy"}
