import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.fleet.rollout_policy import (
    Policy,
    canary_question,
    failure_mode,
    has_changed,
    has_failed,
    not_started,
    parse_canary_answer,
    reverted_result,
    stop_reason,
)
from mantodeus_ops.results import HostResult, TaskResult

NOTHING = "leaves nothing that --on-failure revert could go back to"
WHY = ("web7 failed", "fab -H web7 deploy.history")


def result(host="web1", status="success", code=0, **data):
    """Return what a deploy came to on a host after 2 s."""
    return HostResult("deploy", host, TaskResult(status, data, code, "it failed", "status"), 2.0)


@pytest.mark.parametrize(("text", "mode"), [("", "stop"), ("continue", "continue")])
def test_what_follows_a_failure_is_one_of_three(text, mode):
    assert failure_mode(text, "restart", reverts=False) == mode
    assert failure_mode("revert", "deploy", reverts=True) == "revert"


@pytest.mark.parametrize(
    ("text", "reverts", "unless", "message", "hint"),
    [
        (
            "rever",
            True,
            "",
            "--on-failure takes stop, continue, revert, not 'rever'",
            "--on-failure revert",
        ),
        ("revert", False, "", f"restart {NOTHING}", "--on-failure stop"),
        (
            "revert",
            True,
            "skip-backup",
            f"--skip-backup {NOTHING}",
            "leave --skip-backup out",
        ),
    ],
)
def test_what_cannot_follow_is_refused_before_anything_begins(text, reverts, unless, message, hint):
    with pytest.raises(UsageError) as refused:
        failure_mode(text, "restart", reverts=reverts, unless=unless)
    assert (refused.value.message, refused.value.hint) == (message, hint)


def test_what_leaves_nothing_to_go_back_to_is_no_hindrance_where_nobody_is_to_go_back():
    assert failure_mode("stop", "deploy", reverts=True, unless="skip-backup") == "stop"
    assert Policy(3) == Policy(3, canary=False, on_failure="stop")


@pytest.mark.parametrize(
    ("status", "code", "failed", "changed"),
    [
        ("success", 0, False, True),
        ("unchanged", 0, False, False),
        ("failed", 1, True, False),
        ("failed", 4, True, False),
        ("rolled_back", 5, True, False),
        ("failed", 6, True, False),
        ("unreachable", 3, False, False),
    ],
)
def test_a_host_that_is_away_stops_nobody_and_one_that_had_it_already_has_nothing_to_go_back_from(
    status, code, failed, changed
):
    found = result(status=status, code=code)
    assert (has_failed(found), has_changed(found)) == (failed, changed)


def test_the_reason_names_who_failed_and_what_shows_it():
    ill = [result(f"web{number}", "failed", 1) for number in range(1, 6)]
    assert stop_reason([result()]) == ("", "")
    assert stop_reason([result("web9"), *ill]) == (
        "web1, web2, web3 and 2 more failed",
        "fab -H web1,web2,web3 deploy.history",
    )


@pytest.mark.parametrize(
    ("found", "left", "asked"),
    [
        (
            result(revision="a" * 40),
            2,
            "web1 is done: success, aaaaaaaaaa. Go on with the other 2 hosts? [y/N]",
        ),
        (result(), 1, "web1 is done: success. Go on with the other host? [y/N]"),
    ],
)
def test_a_person_is_told_what_became_of_the_canary(found, left, asked):
    assert canary_question(found, left) == asked


@pytest.mark.parametrize(
    ("said", "error", "hint"),
    [
        ("y", "", ""),
        ("Yes", "", ""),
        ("n", "a person stopped it after web1", "fab -H web1 deploy.history"),
        ("what?", "a person stopped it after web1", "fab -H web1 deploy.history"),
        ("", "web1 is done, and there is no terminal to ask whether to go on", "add --yes"),
    ],
)
def test_only_a_yes_goes_on(said, error, hint):
    assert parse_canary_answer(said, "web1") == (error, hint)


def test_a_host_that_never_began_says_why():
    assert not_started("deploy", "web8", WHY).data() == {
        "task": "deploy",
        "host": "web8",
        "ok": False,
        "status": "not_begun",
        "exit_code": 1,
        "seconds": 0.0,
        "error": "not begun: web7 failed",
        "hint": "fab -H web7 deploy.history",
        "code": "not-begun",
    }


def test_a_host_that_went_back_says_to_what_and_why():
    back = result(revision="b" * 40, previous_revision="a" * 40)
    assert reverted_result(result(revision="a" * 40), back, WHY).data() == {
        "task": "deploy",
        "host": "web1",
        "ok": False,
        "status": "reverted",
        "exit_code": 1,
        "seconds": 4.0,
        "error": "reverted to bbbbbbbbbb, as web7 failed",
        "hint": "fab -H web7 deploy.history",
        "code": "reverted",
        "revision": "b" * 40,
        "previous_revision": "a" * 40,
        "rolled_back": True,
    }


def test_a_host_that_could_not_go_back_says_so_with_its_own_exit_code():
    row = reverted_result(result(), result(status="failed", code=6), WHY)
    assert (row.task_result.status, row.task_result.exit_code, row.seconds) == ("failed", 6, 4.0)
    assert row.task_result.error == "web7 failed, and reverting failed here: it failed"
    assert row.task_result.hint == "status"
