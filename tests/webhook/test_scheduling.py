from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mantodeus_ops.webhook.scheduling import (
    GRACE_SECONDS,
    LONGEST_PAUSE,
    DeliveryChoice,
    DeployEnd,
    choose,
    deploy_outcome,
    operator_name,
    pause_after,
)

NOW = 10_000.0
OLD = NOW - GRACE_SECONDS - 1


def row(number, after, at=OLD, due=0.0, tries=1):
    return {"n": number, "id": f"d{number}", "after": after, "at": at, "due": due, "tries": tries}


def states(choice):
    return {id_: mark["state"] for id_, mark in choice.marks.items()}


def test_j7_the_delivery_of_the_tip_is_deployed_and_those_before_are_folded_into_it():
    choice = choose([row(1, "a"), row(2, "b"), row(3, "c")], "c", {}, NOW)
    assert (choice.id, states(choice)) == ("d3", {"d1": "folded", "d2": "folded"})
    assert choice.marks["d1"]["outcome"] == "into d3"


def test_j23_one_that_came_late_is_stale():
    choice = choose([row(1, "c"), row(2, "a")], "c", {}, NOW)
    assert (choice.id, states(choice)) == ("d1", {"d2": "stale"})


def test_j7_without_the_tip_nothing_is_deployed():
    choice = choose([row(1, "a"), row(2, "b")], "f" * 40, {}, NOW)
    assert (choice.id, states(choice)) == ("", {"d1": "stale", "d2": "stale"})
    assert choice.marks["d1"]["outcome"] == f"the branch is at {'f' * 10}"


def test_a_delivery_that_came_before_the_remote_shows_the_push_waits_a_while():
    choice = choose([row(1, "a", at=NOW)], "f" * 40, {}, NOW)
    assert (choice.id, choice.marks, choice.waits) == ("", {}, True)
    assert choose([row(1, "a", at=NOW - 19.9)], "f" * 40, {}, NOW).waits
    assert choose([row(1, "a", at=NOW - 20)], "f" * 40, {}, NOW).marks
    assert choose([row(1, "a", due=NOW)], "f" * 40, {}, NOW).waits


def test_a_delivery_of_a_clock_that_was_set_back_does_not_wait_until_that_comes_again():
    assert choose([row(1, "a", due=NOW + LONGEST_PAUSE)], "f" * 40, {}, NOW).waits
    assert choose([row(1, "a", at=NOW + 3600)], "f" * 40, {}, NOW).marks


def test_where_nothing_waits_nothing_is_chosen():
    assert choose([], "c", {}, NOW) == DeliveryChoice("", {}, waits=False) == DeliveryChoice()


def test_of_several_deliveries_of_the_tip_the_newest_is_deployed():
    choice = choose([row(1, "c"), row(2, "c"), row(3, "a")], "c", {}, NOW)
    assert (choice.id, states(choice)) == ("d2", {"d1": "folded", "d3": "stale"})


def test_a_revision_that_was_rolled_back_is_not_deployed_again():
    choice = choose([row(1, "a"), row(2, "c")], "c", {"c": {}}, NOW)
    assert (choice.id, states(choice)) == ("", {"d1": "folded", "d2": "rejected"})
    assert choice.marks["d2"]["outcome"] == "c was rolled back"


ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.floats(NOW - 100, NOW)), min_size=1, max_size=12
)


@given(ROWS, st.sampled_from("abcd"), st.sets(st.sampled_from("abc")))
def test_j23_whatever_waits_only_the_tip_is_deployed_and_nothing_is_forgotten(told, tip, rejected):
    rows = [row(number, after, at) for number, (after, at) in enumerate(told)]
    choice = choose(rows, tip, rejected, NOW)
    chosen = [one for one in rows if one["id"] == choice.id]
    assert all(one["after"] == tip and tip not in rejected for one in chosen)
    assert bool(chosen) == (tip in {one["after"] for one in rows} - rejected)
    left = {one["id"] for one in rows} - set(choice.marks) - {choice.id}
    assert bool(left) == choice.waits
    assert all(NOW - one["at"] < GRACE_SECONDS for one in rows if one["id"] in left)


def ended(code=0, result=None, words=""):
    return DeployEnd(code, result, words, 1.0)


OK = {"ok": True, "status": "success", "exit_code": 0, "seconds": 7.5}
ENDS = {
    "deployed": (ended(0, OK), "done", "deployed"),
    "live already": (ended(0, OK | {"status": "unchanged"}), "done", "live already"),
    "seen by a later receiver": (ended(None, OK), "done", "deployed"),
    "failed": (ended(1, {"ok": False, "error": "the build failed"}), "failed", "the build failed"),
    "rolled back": (ended(5, {"status": "rolled_back", "exit_code": 5}), "failed", "rolled_back"),
    "the lock is held": (ended(4, {"exit_code": 4, "error": "held"}), "waiting", "held"),
    "the lock is held, and nothing said": (ended(4, None, "held"), "waiting", None),
    "the remote fell silent": (
        ended(1, {"exit_code": 1, "error": "fetch", "git_pull": "failed"}),
        "waiting",
        "fetch",
    ),
    "killed": (ended(-9), "waiting", "ended with exit -9: no output"),
    "cut off": (ended(None), "waiting", "cut off"),
    "the inventory is wrong": (ended(2, None, "error: x"), "failed", "ended with exit 2: error: x"),
    "ended well and said nothing": (ended(0), "done", "deployed"),
    "ended well and said no": (ended(0, {"ok": False, "error": "no"}), "failed", "no"),
    "failed without a word": (ended(1, {"exit_code": 1}), "failed", "failed"),
    "the lock is held, as it says": (ended(1, {"exit_code": 4, "error": "x"}), "waiting", "x"),
    "a text in several lines": (ended(1, {"error": "a\nb\x1b[31m"}), "failed", "a b"),
}


@pytest.mark.parametrize(("end", "state", "outcome"), ENDS.values(), ids=ENDS)
def test_a_deploy_that_failed_is_left_to_a_person_and_one_that_could_not_begin_is_not(
    end, state, outcome
):
    mark, again = deploy_outcome(row(1, "a"), end)
    assert mark["state"] == state
    assert again == (state == "waiting")
    assert outcome in {None, mark["outcome"]}


def test_a_deploy_that_dies_again_and_again_is_given_up_but_a_held_lock_never_is():
    assert deploy_outcome(row(1, "a", tries=4), ended(None))[0] == {
        "seconds": 1.0,
        "outcome": "cut off",
        "state": "waiting",
    }
    tired = row(1, "a", tries=5)
    assert deploy_outcome(tired, ended(None))[0]["state"] == "failed"
    mark, again = deploy_outcome(tired, ended(4, {"exit_code": 4}))
    assert (mark["tries"], again) == (4, True)


def test_the_time_is_the_deploys_own_where_it_said_so():
    assert deploy_outcome(row(1, "a"), ended(0, OK))[0]["seconds"] == 7.5
    assert deploy_outcome(row(1, "a"), DeployEnd(None, None, "", 1.23456))[0]["seconds"] == 1.235


def test_pauses_grow_to_five_minutes():
    pauses = [pause_after(turns) for turns in range(1, 2_000)]
    assert pauses[:3] == [2.0, 4.0, 8.0]
    assert max(pauses) == 300.0
    assert all(one <= other for one, other in pairwise(pauses))


@pytest.mark.parametrize(
    ("pusher", "name"),
    [
        ("octocat", "webhook:octocat"),
        ("dependabot[bot]", "webhook:dependabotbot"),
        ("a b\n$(id)", "webhook:abid"),
        ("\x1b[31m", "webhook"),
        ("", "webhook"),
        ("x" * 99, "webhook:" + "x" * 40),
    ],
)
def test_j30_a_deploy_is_recorded_for_the_webhook_and_a_harmless_name(pusher, name):
    assert operator_name(pusher) == name
