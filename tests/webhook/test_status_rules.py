"""What is wrong on the way from a push to its deploy."""

import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.findings import Finding
from mantodeus_ops.webhook.status_rules import (
    check_branch,
    check_id,
    check_receiver,
    check_records,
    check_secrets,
)

NOW = 1_764_945_000.0
GOOD = "0123456789abcdef" * 4
LIVE, TIP = "a" * 40, "b" * 40
SEEN = {
    "config": {"alive": True, "pid": 7},
    "listener": {"ours": True},
    "health": {"status": 200},
    "pm2": {"status": "online"},
    "supervisor": {"alive": False},
    "cron": False,
}
FACTS = {"live": {"revision": LIVE}, "remote": {"head": TIP}, "rejected": {}}


def push(after: str = TIP, at: float = NOW, outcome: str = "") -> dict[str, object]:
    """Return a delivery."""
    return {"id": f"id-{after[:3]}-long", "at": at, "after": after, "outcome": outcome}


INSTALL = "webhook.install"
BY_HAND = Finding(
    "the receiver was started by hand: nothing brings it back when it falls", INSTALL, stops=False
)
DRIFTED = Finding(
    "the receiver goes by another version of this tool, or of the inventory", INSTALL, stops=False
)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        (
            {"config": None, "listener": {"free": True}, "pm2": None},
            [Finding("no receiver is installed here", INSTALL)],
        ),
        (
            {"config": {"alive": False}, "listener": {"free": True}, "pm2": None},
            [Finding("the receiver does not run", INSTALL)],
        ),
        (
            {"listener": {"stranger": "process 9 (nc)"}},
            [
                Finding(
                    "port 9000 is taken by process 9 (nc), not by the receiver",
                    "webhook.install  # once that is gone, or with another webhook.port",
                )
            ],
        ),
        (
            {"health": {"status": 0, "error": "no whole answer"}},
            [Finding("the receiver does not answer: no whole answer", "logs --webhook")],
        ),
        (
            {"health": {"status": 503}, "pm2": None},
            [Finding("the receiver does not answer: it answers 503", "logs --webhook"), BY_HAND],
        ),
        ({"pm2": None}, [BY_HAND]),
        ({"pm2": {"status": "stopped"}}, [BY_HAND]),
        ({"pm2": None, "supervisor": {"alive": True}, "cron": True}, []),
    ],
)
def test_a_receiver_that_does_not_do_its_work_is_told_of(change, found):
    assert list(check_receiver({**SEEN, **change}, 9000)) == found


def test_a_host_that_has_another_tool_or_inventory_is_told_of():
    assert list(check_receiver(SEEN, 9000, drifted=True)) == [DRIFTED]
    told = check_receiver({**SEEN, "pm2": None}, 9000, drifted=True)
    assert [one.stops for one in told] == [False, False]


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({"text": f"WEBHOOK_SECRET={GOOD}", "present": True, "mode": "600"}, []),
        ({"present": False}, [Finding("WEBHOOK_SECRET is not set", "webhook.secret")]),
        (
            {"text": f"WEBHOOK_SECRET={GOOD}", "present": True, "mode": "644"},
            [Finding("others can read .env (mode 644)", "chmod 600 .env")],
        ),
        (
            {
                "text": f"WEBHOOK_SECRET={GOOD}\nWEBHOOK_SECRET_OLD={GOOD}",
                "present": True,
                "mode": "600",
            },
            [
                Finding(
                    "the change of the secret is not finished: WEBHOOK_SECRET_OLD is still good",
                    "webhook.secret --finish  # once GitHub has the new one",
                    stops=False,
                )
            ],
        ),
    ],
)
def test_the_secret_and_who_can_read_it(env, found):
    assert list(check_secrets(".env", env)) == found


def test_only_the_newest_push_makes_a_failure_red():
    old, new = push("c" * 40, outcome="it did not build"), push(TIP)
    books = {"failed": [old, new], "last_push": new}
    first = Finding(
        "the push of cccccccccc failed: it did not build",
        "webhook.redeliver id-ccc-l  # after the fix",
        stops=False,
    )
    second = Finding(
        "the push of bbbbbbbbbb failed: no reason is known",
        "webhook.redeliver id-bbb-l  # after the fix",
    )
    assert list(check_records(books, NOW)) == [first, second]
    books["last_push"] = push("d" * 40)
    assert [one.stops for one in check_records(books, NOW)] == [False, False]
    assert [one.stops for one in check_records({"failed": [old]}, NOW)] == [False]
    assert list(check_records({}, NOW)) == []


def test_what_waits_for_more_than_an_hour_is_told_with_its_reason():
    waits = push(at=NOW - 7200, outcome="the remote does not answer")
    told = list(check_records({"waiting": [waits, push(at=NOW - 3600), push(at=NOW - 3601)]}, NOW))
    assert told == [
        Finding(f"the push of bbbbbbbbbb waits for {words}", "webhook.deliveries", stops=False)
        for words in ("2 h: the remote does not answer", "1 h")
    ]


def test_requests_without_a_signature_are_told_of_while_none_ever_had_one():
    text = "3 requests came without a valid signature, and none with"
    hint = "webhook.secret  # if GitHub has another than .env"
    books = {"refused": {"401": 3, "404": 1}}
    assert list(check_records(books, NOW)) == [Finding(text, hint, stops=False)]
    assert list(check_records(books | {"last": push()}, NOW)) == []
    assert list(check_records({"refused": {"404": 1}}, NOW)) == []


AT = "the branch is at bbbbbbbbbb, which is not live"
REF = "deploy --ref bbbbbbbbbb  # if it is to be"
UNTOLD = Finding(
    "the branch has moved on to bbbbbbbbbb, but no delivery reported it",
    "deploy  # then webhook.ping, to see why",
)


@pytest.mark.parametrize(
    ("facts", "books", "found"),
    [
        ({}, {}, [UNTOLD]),
        ({"remote": {"head": LIVE}}, {}, []),
        ({"remote": {}}, {}, []),
        ({"remote": None}, {}, []),
        ({"live": None}, {}, []),
        (
            {"remote": {"error": "no route"}},
            {},
            [Finding("the remote cannot be asked: no route", "check", stops=False)],
        ),
        ({"rejected": {TIP: 1}}, {}, [Finding(f"{AT}: it was rolled back here", REF, stops=False)]),
        ({}, {"recent": [push() | {"state": "waiting"}]}, []),
        ({}, {"recent": [push() | {"state": "running"}]}, []),
        ({}, {"recent": [push() | {"state": "failed"}]}, []),
        (
            {},
            {"recent": [push("c" * 40), push(outcome="a word") | {"state": "ignored"}]},
            [Finding(f"{AT}: a word", REF, stops=False)],
        ),
        ({}, {"recent": [push("c" * 40) | {"state": "waiting"}]}, [UNTOLD]),
    ],
)
def test_a_branch_that_moved_without_a_word_is_red(facts, books, found):
    assert list(check_branch({**FACTS, **facts}, books)) == found


def test_an_id_or_its_beginning_is_taken_as_it_is():
    for text in ("9f86d081-884c", "a" * 100):
        assert check_id(text) == text


@pytest.mark.parametrize("text", ["", "a b", "a;b", "--json", "$(id)", "a" * 101, "é"])
def test_an_id_is_letters_digits_and_dashes(text):
    with pytest.raises(UsageError, match="a delivery's id is letters, digits") as refused:
        check_id(text)
    assert refused.value.hint == "webhook.deliveries"
