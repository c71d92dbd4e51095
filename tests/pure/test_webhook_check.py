"""What is wrong on the way from a push to its deploy."""

import pytest

from fabfile.pure.errors import UsageError
from fabfile.pure.webhook_check import (
    check_books,
    check_branch,
    check_receiver,
    check_secrets,
    checked_id,
)

NOW = 1_764_945_000.0
GOOD = "0123456789abcdef" * 4
LIVE, TIP = "a" * 40, "b" * 40
SEEN = {
    "config": {"alive": True, "pid": 7},
    "listener": {"ours": True},
    "health": {"status": 200},
    "pm2": {"status": "online"},
    "keeper": {"alive": False},
    "cron": False,
}
FACTS = {"live": {"revision": LIVE}, "remote": {"head": TIP}, "rejected": {}}


def push(after: str = TIP, at: float = NOW, outcome: str = "") -> dict[str, object]:
    """Return a delivery."""
    return {"id": f"id-{after[:3]}", "at": at, "after": after, "outcome": outcome}


@pytest.mark.parametrize(
    ("change", "said", "stops"),
    [
        ({}, "", False),
        ({"config": None, "listener": {"nobody": True}}, "no receiver is installed", True),
        ({"config": {"alive": False}, "listener": {"nobody": True}}, "does not run", True),
        ({"listener": {"stranger": "process 9 (nc)"}}, "taken by process 9 (nc)", True),
        ({"health": {"status": 0, "error": "no whole answer"}}, "no whole answer", True),
        ({"health": {"status": 503}}, "it answers 503", True),
        ({"pm2": None}, "by hand", False),
        ({"pm2": {"status": "stopped"}}, "by hand", False),
        ({"pm2": None, "keeper": {"alive": True}, "cron": True}, "", False),
    ],
)
def test_a_receiver_that_does_not_do_its_work_is_told_of(change, said, stops):
    found = list(check_receiver({**SEEN, **change}, 9000))
    assert len(found) == bool(said)
    for one in found:
        assert said in one.text
        assert (one.stops, bool(one.hint)) == (stops, True)


def test_a_host_that_has_another_tool_or_inventory_is_told_of():
    [one] = check_receiver(SEEN, 9000, drifted=True)
    assert (one.stops, one.hint) == (False, "webhook.install")


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"text": f"WEBHOOK_SECRET={GOOD}", "present": True, "mode": "600"}, []),
        ({"text": "", "present": False}, ["is not set"]),
        (
            {"text": f"WEBHOOK_SECRET={GOOD}", "present": True, "mode": "644"},
            ["others can read .env"],
        ),
        (
            {
                "text": f"WEBHOOK_SECRET={GOOD}\nWEBHOOK_SECRET_OLD={GOOD}",
                "present": True,
                "mode": "600",
            },
            ["is not finished"],
        ),
    ],
)
def test_the_secret_and_who_can_read_it(env, said):
    found = list(check_secrets(".env", env))
    assert [any(word in one.text for word in said) for one in found] == [True] * len(said)


def test_only_the_newest_push_makes_a_failure_red():
    old, new = push("c" * 40, outcome="it did not build"), push(TIP, outcome="unhealthy")
    books = {"failed": [old, new], "last_push": new}
    assert [one.stops for one in check_books(books, NOW)] == [False, True]
    books["last_push"] = push("d" * 40)
    assert [one.stops for one in check_books(books, NOW)] == [False, False]
    assert list(check_books({}, NOW)) == []


def test_what_waits_for_long_is_told_with_its_reason():
    waits = push(at=NOW - 7200, outcome="the remote does not answer")
    [one] = check_books({"waiting": [waits, push()]}, NOW)
    assert "waits for 2 h" in one.text
    assert "the remote does not answer" in one.text


def test_requests_without_a_signature_are_told_of_while_none_ever_had_one():
    assert len(list(check_books({"refused": {"401": 3}}, NOW))) == 1
    assert list(check_books({"refused": {"401": 3}, "last": push()}, NOW)) == []


@pytest.mark.parametrize(
    ("facts", "books", "stops"),
    [
        ({}, {}, [True]),
        ({"remote": {"head": LIVE}}, {}, []),
        ({"remote": None}, {}, []),
        ({"live": None}, {}, []),
        ({"remote": {"error": "no route"}}, {}, [False]),
        ({"rejected": {TIP: 1}}, {}, [False]),
        ({}, {"recent": [push() | {"state": "waiting"}]}, []),
        ({}, {"recent": [push() | {"state": "running"}]}, []),
        ({}, {"recent": [push() | {"state": "failed"}]}, []),
        ({}, {"recent": [push() | {"state": "ignored"}]}, [False]),
        ({}, {"recent": [push("c" * 40) | {"state": "waiting"}]}, [True]),
    ],
)
def test_a_branch_that_moved_without_a_word_is_red(facts, books, stops):
    found = list(check_branch({**FACTS, **facts}, books))
    assert [one.stops for one in found] == stops


def test_an_id_or_its_beginning_is_taken_as_it_is():
    assert checked_id("9f86d081-884c") == "9f86d081-884c"


@pytest.mark.parametrize("text", ["", "a b", "a;b", "--json", "$(id)", "a" * 101, "é"])
def test_an_id_is_letters_digits_and_dashes(text):
    with pytest.raises(UsageError):
        checked_id(text)
