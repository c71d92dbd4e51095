"""A rolling deploy over hosts in this process: what runs where afterwards, and what is told."""

import io
import sys

import pytest

from mantodeus_ops.errors import UsageError
from tests.support.fake_fleet import NEW, OLD, LittleFleet

TWELVE = 12


class Person(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self):
        """Return that it is one."""
        return True


def statuses(rows):
    """Return what became of the hosts, as many neighbours as are alike together."""
    found = []
    for row in rows:
        if found and found[-1][0] == row["status"]:
            found[-1][1] += 1
        else:
            found.append([row["status"], 1])
    return [tuple(one) for one in found]


@pytest.mark.parametrize(
    ("mode", "became", "runs_new"),
    [
        (
            "stop",
            [("success", 6), ("rolled_back", 3), ("not_begun", 3)],
            ["web1", "web2", "web3", "web4", "web5", "web6"],
        ),
        (
            "continue",
            [("success", 6), ("rolled_back", 3), ("success", 3)],
            ["web1", "web2", "web3", "web4", "web5", "web6", "web10", "web11", "web12"],
        ),
        ("revert", [("reverted", 6), ("rolled_back", 3), ("not_begun", 3)], []),
    ],
)
def test_twelve_hosts_in_batches_of_a_quarter_of_which_the_third_fails(
    capsys, mode, became, runs_new
):
    fleet = LittleFleet(TWELVE, ill=["web7", "web8", "web9"])
    code, rows, err = fleet.run(capsys, batch="25%", on_failure=mode)
    assert [row["host"] for row in rows] == fleet.names
    assert (code, statuses(rows)) == (5, became)
    assert [name for name, runs in fleet.runs.items() if runs == NEW] == runs_new
    assert err.splitlines()[-1] == f"{len(runs_new)} of 12 succeeded"
    assert fleet.most <= 3


def test_those_that_go_back_do_so_the_last_first_and_say_why(capsys):
    fleet = LittleFleet(6, ill=["web5"])
    code, rows, err = fleet.run(capsys, batch="1", on_failure="revert")
    assert code == 5
    assert fleet.order[-4:] == ["-web4", "-web3", "-web2", "-web1"]
    assert rows[0]["error"] == f"reverted to {OLD[:10]}, as web5 failed"
    assert (rows[0]["revision"], rows[0]["rolled_back"]) == (OLD, True)
    assert rows[5]["error"] == "not begun: web5 failed"
    assert rows[5]["hint"] == "fab -H web5 deploy.history"
    assert "error: web1, web2, web3, web4: reverted to" in err
    assert "4 reverted, 1 rolled back, 1 not begun\n0 of 6 succeeded" in err


def test_of_a_failed_batch_those_that_succeeded_go_back_too(capsys):
    fleet = LittleFleet(6, ill=["web2"])
    _, rows, _ = fleet.run(capsys, batch="3", on_failure="revert")
    assert [row["status"] for row in rows[:3]] == ["reverted", "rolled_back", "reverted"]
    assert set(fleet.runs.values()) == {OLD}


def test_a_host_that_had_the_version_before_keeps_it(capsys):
    fleet = LittleFleet(3, has=["web1"], ill=["web3"])
    _, rows, _ = fleet.run(capsys, on_failure="revert")
    assert [row["status"] for row in rows] == ["unchanged", "reverted", "rolled_back"]
    assert fleet.runs["web1"] == NEW


def test_a_host_that_cannot_go_back_says_so_and_the_others_still_do(capsys):
    fleet = LittleFleet(4, stuck=["web2"], ill=["web4"])
    code, rows, _ = fleet.run(capsys, on_failure="revert")
    assert (code, statuses(rows)) == (
        5,
        [("reverted", 1), ("failed", 1), ("reverted", 1), ("rolled_back", 1)],
    )
    assert rows[1]["error"] == "web4 failed, and reverting failed here: the archive is damaged"
    assert rows[1]["hint"] == "fab -H web2 backup.verify"


@pytest.mark.parametrize("mode", ["stop", "revert"])
def test_a_host_that_is_away_stops_no_batch_and_takes_nobody_back(capsys, mode):
    fleet = LittleFleet(4, away=["web2"])
    code, rows, _ = fleet.run(capsys, on_failure=mode)
    assert (code, statuses(rows)) == (3, [("success", 1), ("unreachable", 1), ("success", 2)])


def test_a_canary_without_anybody_to_ask_is_the_only_one_that_changes(capsys):
    fleet = LittleFleet(4)
    code, rows, err = fleet.run(capsys, canary=True)
    assert (code, statuses(rows)) == (1, [("success", 1), ("not_begun", 3)])
    assert fleet.order == ["web1"]
    assert (
        "not begun: web1 is done, and there is no terminal to ask whether to go on\nhint: add --yes"
        in err
    )


def test_a_canary_goes_on_by_itself_with_yes(capsys):
    fleet = LittleFleet(4)
    code, rows, _ = fleet.run(capsys, canary=True, yes=True, batch="100%")
    assert (code, statuses(rows)) == (0, [("success", 4)])
    assert fleet.order[0] == "web1"
    assert fleet.most <= 3


@pytest.mark.parametrize(
    ("said", "mode", "became"),
    [
        ("y\n", "stop", [("success", 4)]),
        ("n\n", "stop", [("success", 1), ("not_begun", 3)]),
        ("n\n", "continue", [("success", 1), ("not_begun", 3)]),
        ("n\n", "revert", [("reverted", 1), ("not_begun", 3)]),
        ("\n", "revert", [("success", 1), ("not_begun", 3)]),
    ],
)
def test_a_person_is_asked_once_after_the_canary(capsys, monkeypatch, said, mode, became):
    monkeypatch.setattr(sys, "stdin", Person(said))
    fleet = LittleFleet(4)
    _, rows, err = fleet.run(capsys, canary=True, on_failure=mode)
    assert statuses(rows) == became
    assert err.count("web1 is done: success, bbbbbbbbbb. Go on with the other 3 hosts? [y/N]") == 1


@pytest.mark.parametrize("mode", ["stop", "continue", "revert"])
def test_a_canary_that_fails_is_the_end_whatever_should_follow(capsys, mode):
    fleet = LittleFleet(4, ill=["web1"])
    code, rows, _ = fleet.run(capsys, canary=True, yes=True, on_failure=mode)
    assert (code, statuses(rows)) == (5, [("rolled_back", 1), ("not_begun", 3)])


def test_a_canary_that_is_away_shows_nothing_so_the_next_host_is_it(capsys):
    fleet = LittleFleet(4, away=["web1"], ill=["web2"])
    code, rows, _ = fleet.run(capsys, canary=True, yes=True)
    assert (code, statuses(rows)) == (
        5,
        [("unreachable", 1), ("rolled_back", 1), ("not_begun", 2)],
    )


def test_one_host_is_no_fleet_and_nobody_is_asked(capsys):
    code, rows, _ = LittleFleet(1).run(capsys, canary=True)
    assert (code, statuses(rows)) == (0, [("success", 1)])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"on_failure": "explode"}, "takes stop, continue, revert"),
        ({"on_failure": "revert", "skip_backup": True}, "--skip-backup leaves nothing"),
        ({"batch": "0"}, "--batch takes"),
    ],
)
def test_what_was_typed_wrongly_is_refused_before_the_first_host(capsys, options, told):
    fleet = LittleFleet(2)
    with pytest.raises(UsageError, match=told):
        fleet.run(capsys, **options)
    assert fleet.order == []
