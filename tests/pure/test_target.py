"""Where a rollback goes, as tables."""

import pytest

from fabfile.pure.errors import PreflightError
from fabfile.pure.target import (
    asked_for,
    candidates,
    env_changes,
    named,
    nothing_to_go_to,
    objections,
)

FACTS = {"project": {"writable": True}, "pm2": {"available": True}}
FOUND = {"archive": "", "bytes": 0, "entries": 0, "free": 10**9, "inodes": 10**6}


def backup(sequence, content, verdict="good", **more):
    """Return a backup as the host lists it; by its content one sees which state it is."""
    return {
        "name": f"backup-20250101-{sequence:06}",
        "sequence": sequence,
        "content": content,
        "verdict": verdict,
        "revision": content * 40,
        "at": float(sequence),
        "paths": ["dist", ".env"],
        "absent": [],
        "differs": ["dist"],
        **more,
    }


def seen(live, *backups):
    """Return what the host says of its backups, of which the last named is the newest."""
    newest_first = sorted(backups, key=lambda one: -one["sequence"])
    return {"content": live, "backups": newest_first}


def aside(run, content="", *, undo=False, verdict="good"):
    """Return what a change moved aside."""
    state = {"content": content, "undo": undo, "verdict": verdict, "head": "h", "live": None}
    return {
        "run": run,
        "names": ["dist", "state.json"],
        "state": {**state, "swaps": ["dist", ".env"], "had": ["dist"]},
    }


def letters(targets):
    """Return the states of these targets, by their letters."""
    return "".join(target.content or "-" for target in targets)


@pytest.mark.parametrize(
    ("live", "backups", "expected"),
    [
        ("c", [backup(1, "a"), backup(2, "b")], "ba"),
        ("b", [backup(1, "a"), backup(2, "b")], "a"),
        ("c", [backup(1, "a"), backup(2, "b", "bad")], "a"),
        ("c", [backup(1, "a"), backup(2, "b", "unknown")], "a"),
        ("c", [backup(1, "a"), backup(2, "b", left=True)], "ab"),
        ("c", [backup(1, "a", left=True), backup(2, "b", left=True)], "ba"),
        ("c", [backup(1, "a"), backup(2, "b", damaged=True)], "a"),
        ("c", [backup(1, "a"), backup(2, "a", "bad")], ""),
        ("c", [backup(1, "a", "bad"), backup(2, "a")], "a"),
        ("c", [backup(1, "a", left=True), backup(2, "b"), backup(3, "a")], "ab"),
        ("", [backup(1, "a"), backup(2, "b", differs=[])], "a"),
        ("c", [], ""),
    ],
)
def test_a_rollback_goes_to_the_newest_good_state_that_is_not_live(live, backups, expected):
    assert letters(candidates(seen(live, *backups), [], undo=False)) == expected


def test_the_clock_in_a_name_says_nothing():
    older = {**backup(2, "b"), "name": "backup-20240101-000000", "at": 1.0}
    assert letters(candidates(seen("c", backup(1, "a"), older), [], undo=False)) == "ba"


@pytest.mark.parametrize(
    ("backups", "expected"),
    [
        ([backup(1, "a"), backup(2, "b", "bad", left=True)], "b"),
        ([backup(1, "a", left=True), backup(2, "b", left=True)], "ba"),
        ([backup(1, "a"), backup(2, "b")], ""),
    ],
)
def test_undo_goes_to_what_was_left_whatever_it_is_worth(backups, expected):
    assert letters(candidates(seen("c", *backups), [], undo=True)) == expected


def test_a_state_that_is_still_aside_comes_back_by_a_rename():
    kept = [aside("old", "a"), aside("new", "b")]
    found = candidates(seen("c", backup(1, "a"), backup(2, "b")), kept, undo=False)
    assert [(target.content, target.previous) for target in found] == [("b", "new"), ("a", "old")]


@pytest.mark.parametrize(
    ("one", "undo", "expected"),
    [
        (aside("run"), False, "-a"),
        (aside("run", verdict="bad"), False, "a"),
        (aside("run", undo=True), False, "a"),
        (aside("run", undo=True), True, "-"),
        (aside("run", "x"), False, "xa"),
        (aside("run", "a"), False, "a"),
    ],
)
def test_what_was_moved_aside_without_a_backup_is_the_first_to_go_to(one, undo, expected):
    assert letters(candidates(seen("c", backup(1, "a")), [one], undo=undo)) == expected


def test_what_was_moved_aside_comes_back_with_what_it_had_and_no_more():
    found = candidates(seen("c"), [aside("run")], undo=False)[0]
    assert (found.paths, found.absent) == (("dist",), (".env",))


def test_a_named_state_may_be_bad_and_must_be_there():
    listed = seen("c", backup(1, "a", "bad"))
    assert asked_for("backups/backup-20250101-000001.tar.gz", listed, []).content == "a"
    with pytest.raises(PreflightError, match=r"no whole backup .nothing.; .*000001"):
        asked_for("nothing", listed, [])


@pytest.mark.parametrize(
    "typed", ["backup-1", "backup-1.tar.gz", "backups/backup-1.tar.gz", "/a/b/backup-1.json"]
)
def test_a_backup_is_named_by_its_file_too(typed):
    assert named(typed) == "backup-1"


@pytest.mark.parametrize(
    ("live", "then", "expected"),
    [
        ("A=1\n", "A=1\n", {}),
        ("A=1\n", None, None),
        ("A=1\nB=2\n", "A=2\nC=3\n", {"added": ["C"], "removed": ["B"], "changed": ["A"]}),
        ("A=1 # was 2\n", "export A='1'\n", {}),
    ],
)
def test_of_env_only_names_are_told(live, then, expected):
    assert env_changes(live, then) == expected


@pytest.mark.parametrize(
    ("found", "facts", "said"),
    [
        ({"archive": "it has 3 bytes"}, {}, "it has 3 bytes"),
        ({}, {"project": {"writable": False}}, "not writable"),
        ({}, {"pm2": {"error": "no list"}}, "no list"),
        ({}, {"pm2": {"available": False}}, "not there"),
        ({"bytes": 2 * 10**9}, {}, "1.0 GB are free"),
        ({"bytes": 1, "entries": 2 * 10**6, "free": 10**12}, {}, "wants"),
    ],
)
def test_what_speaks_against_it_is_said_before_anything_is_touched(found, facts, said):
    target = asked_for("backup-20250101-000001", seen("c", backup(1, "a")), [])
    assert said in objections(target, FOUND | found, FACTS | facts)[0].message


def test_where_nothing_speaks_against_it_nothing_is_said():
    target = asked_for("backup-20250101-000001", seen("c", backup(1, "a")), [])
    assert objections(target, FOUND, FACTS) == []


@pytest.mark.parametrize(
    ("backups", "undo", "said"),
    [
        ([], True, "no rollback to undo"),
        ([], False, "no good state"),
        ([backup(1, "a", "bad")], False, "1 "),
    ],
)
def test_when_there_is_nothing_to_go_to_it_says_what_there_is(backups, undo, said):
    assert said in nothing_to_go_to(seen("c", *backups), undo=undo).message
