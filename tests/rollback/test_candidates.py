"""Where a rollback goes, as tables."""

import pytest

from mantodeus_ops.backup.naming import backup_name
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.rollback.candidates import (
    RollbackTarget,
    env_changes,
    made_only_live,
    named_target,
    rollback_candidates,
)


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
    return {"content": live, "state": live, "backups": newest_first}


def aside(run, content="", *, undo=False, verdict="good"):
    """Return what a change moved aside."""
    known = {"content": content, "state": content}
    state = {**known, "undo": undo, "verdict": verdict, "head": "h", "live": None}
    return {
        "run": run,
        "names": ["dist", "state.json"],
        "state": {**state, "swaps": ["dist", ".env"], "had": ["dist"]},
    }


def letters(targets):
    """Return the states of these targets, by their letters."""
    return "".join(target.identity or "-" for target in targets)


@pytest.mark.parametrize(
    ("live", "backups", "expected"),
    [
        ("c", [backup(1, "a"), backup(2, "b")], "ba"),
        ("b", [backup(1, "a"), backup(2, "b")], "a"),
        ("c", [backup(1, "a"), backup(2, "b", "bad")], "a"),
        ("c", [backup(1, "a"), backup(2, "b", "unknown")], "a"),
        ("c", [backup(1, "a"), backup(2, "b", left=True)], "a"),
        ("c", [backup(1, "a", left=True), backup(2, "b", left=True)], ""),
        ("c", [backup(1, "a"), backup(2, "b", damaged=True)], "a"),
        ("c", [backup(1, "a"), backup(2, "a", "bad")], ""),
        ("c", [backup(1, "a", "bad"), backup(2, "a")], "a"),
        ("c", [backup(1, "a", left=True), backup(2, "b"), backup(3, "a")], "ab"),
        ("", [backup(1, "a"), backup(2, "b", differs=[])], "a"),
        ("", [backup(1, "a"), backup(2, "b", differs=["x"])], "ba"),
        ("c", [], ""),
    ],
)
def test_a_rollback_goes_to_the_newest_good_state_that_is_not_live(live, backups, expected):
    assert letters(rollback_candidates(seen(live, *backups), [], undo=False)) == expected


def test_the_clock_in_a_name_says_nothing():
    older = {**backup(2, "b"), "name": "backup-20240101-000000", "at": 1.0}
    assert letters(rollback_candidates(seen("c", backup(1, "a"), older), [], undo=False)) == "ba"


@pytest.mark.parametrize(
    ("backups", "expected"),
    [
        ([backup(1, "a"), backup(2, "b", "bad", left=True)], "b"),
        ([backup(1, "a", left=True), backup(2, "b", left=True)], "ba"),
        ([backup(1, "a"), backup(2, "b")], ""),
    ],
)
def test_undo_goes_to_what_was_left_whatever_it_is_worth(backups, expected):
    assert letters(rollback_candidates(seen("c", *backups), [], undo=True)) == expected


def test_a_state_that_is_still_aside_comes_back_by_a_rename():
    kept = [aside("old", "a"), aside("new", "b")]
    found = rollback_candidates(seen("c", backup(1, "a"), backup(2, "b")), kept, undo=False)
    assert [(target.identity, target.previous) for target in found] == [("b", "new"), ("a", "old")]


@pytest.mark.parametrize(
    ("one", "undo", "expected"),
    [
        (aside("run"), False, "-a"),
        (aside("run", verdict="bad"), False, "a"),
        (aside("run", undo=True), False, "a"),
        (aside("run", undo=True), True, "-"),
        (aside("run", "x"), False, "xa"),
        (aside("run", "a"), False, "a"),
        (aside("run", "x", verdict="bad", undo=True), True, "x"),
    ],
)
def test_what_was_moved_aside_without_a_backup_is_the_first_to_go_to(one, undo, expected):
    assert letters(rollback_candidates(seen("c", backup(1, "a")), [one], undo=undo)) == expected


def test_of_what_was_moved_aside_without_a_backup_only_the_last_is_one_to_go_to():
    found = rollback_candidates(seen("c"), [aside("one", "x"), aside("two", "y")], undo=False)
    assert [target.previous for target in found] == ["two"]


def test_what_stays_as_it_is_makes_no_other_state():
    listed = seen("", backup(1, "a", differs=[".env"]), backup(2, "b", differs=["dist", ".env"]))
    assert letters(rollback_candidates(listed, [], undo=False, staying=".env")) == "b"
    assert letters(rollback_candidates(listed, [], undo=False)) == "ba"


def test_what_was_moved_aside_comes_back_with_what_it_had_and_no_more():
    one = aside("run")
    one["state"]["swaps"] = ["dist/web", ".env"]
    one["state"]["had"] = ["dist/web"]
    one["names"] = ["dist/web"]
    del one["state"]["content"], one["state"]["state"]
    (found,) = rollback_candidates(seen("c"), [one], undo=False)
    assert found == RollbackTarget(
        name="",
        previous="run",
        identity="",
        revision="h",
        subject="",
        branch="",
        verdict="good",
        at=0.0,
        paths=("dist/web",),
        absent=(".env",),
        same=(),
        left=False,
        abi="",
        state=one["state"],
    )


def test_what_was_moved_aside_is_what_was_live_rather_than_what_was_checked_out():
    one = aside("run", "x")
    one["state"] |= {"live": {"revision": "r"}, "branch": "main"}
    del one["state"]["verdict"]
    (found,) = rollback_candidates(seen("c"), [one], undo=False)
    assert (found.revision, found.branch, found.verdict) == ("r", "main", "unknown")
    one["state"]["live"] = {}
    assert rollback_candidates(seen("c"), [one], undo=False)[0].revision == "h"


def test_a_named_state_may_be_bad_and_says_all_that_its_backup_knows():
    known = {"subject": "Add a page", "branch": "main", "same": [".env"], "left": 1, "abi": "127"}
    listed = seen("c", backup(1, "a", "bad", absent=["public"], **known), backup(2, "b"))
    expected = RollbackTarget(
        name="backup-20250101-000001",
        previous="",
        identity="a",
        revision="a" * 40,
        subject="Add a page",
        branch="main",
        verdict="bad",
        at=1.0,
        paths=("dist", ".env"),
        absent=("public",),
        same=(".env",),
        left=True,
        abi="127",
        state={"swaps": [], "had": []},
    )
    assert named_target("backups/backup-20250101-000001.tar.gz", listed, []) == expected
    older = named_target("backup-20250101-000002", listed, [])
    assert (older.subject, older.branch, older.same, older.abi) == ("", "", (), "")
    assert not older.left


@pytest.mark.parametrize(
    ("many", "known"),
    [(0, "none"), (4, ", ".join(f"backup-20250101-00000{one}" for one in (4, 3, 2)))],
)
def test_a_named_state_must_be_there_or_the_newest_three_are_named(many, known):
    listed = seen("c", *(backup(number, "a") for number in range(1, many + 1)))
    with pytest.raises(PreflightError) as raised:
        named_target("nothing", listed, [])
    expected = f"there is no complete backup 'nothing'; the newest are {known}"
    assert (raised.value.message, raised.value.hint) == (expected, "backup.list")


def test_a_state_of_which_nothing_is_known_has_nothing_and_is_of_unknown_worth():
    assert RollbackTarget("b") == RollbackTarget(
        "b", "", "", "", "", "", "unknown", 0.0, (), (), (), left=False
    )


@pytest.mark.parametrize(
    "typed", ["backup-1", "backup-1.tar.gz", "backups/backup-1.tar.gz", "/a/b/backup-1.json"]
)
def test_a_backup_is_named_by_its_file_too(typed):
    assert backup_name(typed) == "backup-1"


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
    ("then", "removed"),
    [
        ({"made": ["dist", "node_modules"]}, ("pages",)),
        ({"made": ["dist"]}, ("node_modules", "pages")),
        ({"made": ["pages/a", "node_modules"]}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_what_a_state_had_too_is_not_removed_with_it(then, removed):
    target = RollbackTarget("b", paths=("dist",), absent=("old",))
    assert made_only_live(target, then, ["dist", "node_modules", "pages"]) == removed
