"""Which states are a way back: older than what is live, and as they ran."""

import pytest

from mantodeus_ops.rollback.candidates import differences_from, rollback_candidates
from tests.rollback.test_candidates import aside, backup, letters, seen


def went(sequence, content, since):
    """Return a backup of a state that a rollback left, and that was first seen long before."""
    return backup(sequence, content, left=True, since=since)


@pytest.mark.parametrize(
    ("live", "backups", "expected"),
    [
        # v1, v2, rolled back to v1: nothing older is good, and v2 is no way back.
        ("a", [backup(1, "a"), backup(2, "b", left=True)], ""),
        # v1, v2, v3, rolled back twice.
        ("a", [backup(1, "a"), backup(3, "c", left=True), backup(4, "b", left=True)], ""),
        ("b", [backup(1, "a"), backup(2, "b"), backup(3, "c", left=True)], "a"),
        # ... and then to v3 by its name: what is older was left, and is gone back to all the same.
        (
            "c",
            [backup(3, "c"), went(4, "b", 2), went(5, "a", 1)],
            "ba",
        ),
        # A state is as old as its first backup, whichever of them is left.
        ("a", [backup(9, "a", since=1), backup(2, "b", left=True)], ""),
    ],
)
def test_a_rollback_never_goes_forward_to_what_one_had_left(live, backups, expected):
    assert letters(rollback_candidates(seen(live, *backups), [], undo=False)) == expected


def test_one_content_at_two_revisions_is_two_states():
    old = backup(1, "x", same_revision=False, state="ax", differs=[])
    now = backup(2, "x", same_revision=True, state="bx", differs=[])
    listed = {"content": "x", "state": "bx", "backups": [now, old]}
    assert letters(rollback_candidates(listed, [], undo=False)) == "ax"
    assert differences_from(old["name"], listed) == ["revision"]
    assert differences_from(now["name"], listed) == []
    assert differences_from("backup-gone", listed) == ["revision"]


def test_what_was_moved_aside_counts_only_with_the_env_it_ran_with():
    listed = seen("c", backup(1, "a"))
    alone, whole = ({**aside("run"), "env_same": same} for same in (False, True))
    assert letters(rollback_candidates(listed, [alone], undo=False)) == "a"
    assert letters(rollback_candidates(listed, [whole], undo=False)) == "-a"


def test_what_was_moved_aside_comes_after_the_states_that_are_newer():
    older = aside("old")
    older["state"]["sequence"] = 1
    listed = seen("c", backup(1, "a"), backup(2, "b"))
    assert letters(rollback_candidates(listed, [older], undo=False)) == "-ba"
    assert letters(rollback_candidates(listed, [older, aside("new", "b")], undo=False)) == "b-a"


def test_what_an_older_tool_moved_aside_is_known_by_its_content_and_revision():
    one = aside("run", "a")
    del one["state"]["state"]
    one["state"]["live"] = {"revision": "a" * 40}
    (found,) = rollback_candidates(seen("c", backup(1, "a")), [one], undo=False)
    assert (found.identity, found.previous) == ("a", "run")
    one["state"]["live"] = {"revision": "b" * 40}
    (found,) = rollback_candidates(seen("c", backup(1, "a")), [one], undo=False)
    assert (found.identity, found.previous) == ("a", "")
