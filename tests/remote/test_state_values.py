"""A record of the right kind with values that no answer can hold takes no task along."""

from __future__ import annotations

import json

import pytest

from mantodeus_ops.remote.answers.programs import last_line
from tests.support.host_programs import PROGRAMS
from tests.support.project_dir import Project

DEEP = json.loads("[" * 60 + "]" * 60)
SURROGATE = "half \ud800 a letter"
BEYOND = [{"at": 1e300}, {"x": DEEP}, {"x": SURROGATE}, {"x": "y" * 100_000}]
LOOK = {"want": [], "history": 5, "build_outputs": ["dist"], "app": "x", "pm2": "true"}


@pytest.fixture
def project(tmp_path):
    """Return an app's directory with a small app."""
    return Project(tmp_path).fill()


def told(project, program, *, name="", **params):
    """Return the answer of a program, held to its shape as by the end that asked."""
    done = project.run(program, before=["timeout", "20"], **params)
    assert done.code == 0, done.out
    answer = last_line(done.out)
    known = {"found": "", **answer} if program == "app/facts" else answer
    return PROGRAMS[name or program].reader(known)


def look(project):
    """Return what a look sees."""
    url = {"health_url": "http://127.0.0.1:9/", "health": {}, "places": []}
    return told(project, "app/facts", **LOOK, **url)


def put(project, name, record, *odd):
    """Write a record with odd values, on a line for each."""
    place = project.root / ".deploy" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text("".join(json.dumps(record | one) + "\n" for one in odd))


@pytest.mark.parametrize("odd", [*BEYOND, {"modules": 5}], ids=lambda odd: str(odd)[:20])
def test_what_is_live_is_passed_over_with_values_that_no_answer_can_hold(project, odd):
    put(project, "live.json", {"revision": "a" * 40, "entry": None, "at": 1}, odd)
    seen = look(project)
    assert seen["live"] is None
    assert ".deploy/live.json" in seen["unreadable"][0]


def test_a_line_of_the_history_is_passed_over_with_such_values(project):
    odd = [*BEYOND, {"status": "y" * 100_000}, {"task": SURROGATE}]
    put(project, "history.jsonl", {"at": 1, "task": "deploy", "status": "success"}, {}, *odd)
    assert len(look(project)["history"]) == 1
    assert told(project, "fleet/host_state", want=["failed"])["last"]["at"] == 1


def test_a_line_of_the_journal_is_passed_over_with_such_values(project):
    odd = [*BEYOND, {"task": 5}, {"run": {}}, {"who": []}, {"reached": [None]}]
    put(project, "journal.jsonl", {"step": "begin", "run": "r", "at": 1}, *odd)
    assert look(project)["open_run"] is None


@pytest.mark.parametrize(
    "odd", [{"since": 1e300}, {"x": DEEP}, {"reason": SURROGATE}, {"reason": "y" * 100_000}]
)
def test_a_freeze_with_such_values_is_a_freeze_still(project, odd):
    put(project, "lock/00000004", {"kind": "freeze", "token": "one", "since": 1}, odd)
    seen = told(
        project,
        "transaction/lock_command",
        name="transaction/lock_command read",
        step="read",
        record={"token": "m"},
    )
    assert seen["verdict"] == "frozen"


@pytest.mark.parametrize("name", ["lock", "lock/99999999"])
def test_a_lock_that_cannot_be_taken_is_refused_and_named(project, name):
    put(project, name, {"kind": "free"}, {})
    done = project.run(
        "transaction/lock_command", before=["timeout", "20"], step="take", record={"token": "m"}
    )
    assert (done.code, f".deploy/{name}" in done.out) == (94, True)
    assert look(project)["lock"]["verdict"] == "free"


ODD_MANIFESTS = [
    *BEYOND,
    *({"paths": [None]}, {"paths": "x"}, {"absent": [5]}, {"parts": [None]}, {"parts": [{}]}),
    *({"entries": -1}, {"entries": 1.5}, {"plain_bytes": -1}, {"abi": 5}, {"branch": 5}),
    *({"same_as": []}, {"skipped": "x"}, {"shut": [5]}, {"reused": {}}, {"seconds": "x"}),
]


def test_manifests_with_such_values_take_no_other_along(project):
    good = project.backup()["name"]
    for number, odd in enumerate(ODD_MANIFESTS):
        bad = f"backup-20250101-0000{number:02}"
        manifest = project.manifest(good) | {"name": bad}
        (project.backups / f"{bad}.json").write_text(json.dumps(manifest | odd))
        (project.backups / f"{bad}.tar.gz").write_bytes(project.archive(good).read_bytes())
    answers = (
        told(project, "transaction/record", list=True),
        told(project, "backup/list_states", paths=["dist"]),
    )
    for seen in (*answers, look(project)):
        assert [one["name"] for one in seen["backups"]] == [good]


@pytest.mark.parametrize("parts", [{"dist": {}}, {"dist": None}, {"dist": 5}, [], {"dist": []}])
def test_a_list_of_a_version_s_files_with_such_values_is_passed_over(project, parts):
    put(project, "live.json", {"revision": "a" * 40, "entry": None, "at": 1}, {"own": "x"})
    put(project, "own/x.json", {"at": 1}, {"parts": parts})
    seen = told(project, "backup/list_states", paths=["dist"])
    assert ".deploy/own/x.json" in seen["unreadable"][0]
