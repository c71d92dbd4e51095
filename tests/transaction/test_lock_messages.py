import pytest

from mantodeus_ops.transaction.lock_messages import describe, holder_line, is_shut

HOLDER = {"who": "kim", "from": "laptop", "task": "deploy", "since": 1764945000}


def test_a_holder_is_who_from_where_for_what_and_since_when():
    assert holder_line(HOLDER) == "deploy of kim@laptop since 2025-12-05 14:30:00 UTC"


def test_a_record_that_says_nothing_still_makes_a_sentence():
    assert holder_line({}) == (
        "a task of an unknown account@an unknown machine since an unknown time"
    )


def test_a_living_run_is_named_and_the_app_is_said_to_be_whole():
    assert describe({**HOLDER, "verdict": "held"}) == (
        f"the lock is held by {holder_line(HOLDER)}; the live app is unchanged"
    )


def test_a_freeze_says_why():
    frozen = {**HOLDER, "task": "freeze", "verdict": "frozen", "reason": "release day"}
    assert describe(frozen).startswith("deploys are frozen: release day (freeze of kim@laptop")
    assert describe({**frozen, "reason": ""}).startswith("deploys are frozen (freeze of kim@lap")


@pytest.mark.parametrize(
    ("holder", "shut"),
    [
        ({"verdict": "frozen"}, True),
        ({"verdict": "dead", "kind": "unreadable"}, True),
        ({"verdict": "held", "kind": "unreadable"}, False),
        ({"verdict": "dead"}, False),
        ({"verdict": "free"}, False),
    ],
)
def test_only_a_freeze_and_an_unreadable_record_wait_for_an_unlock(holder, shut):
    assert is_shut(holder) is shut
