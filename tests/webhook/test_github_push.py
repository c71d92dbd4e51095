"""The numbers J… are those of the project's table of faults."""

import json

import pytest

from mantodeus_ops.webhook.github_events import (
    ACCEPTED,
    PONG,
    Expected,
    MalformedError,
    Push,
    decide,
)

LITTLE = Expected("octo/little", 42, "main")
SHA = "5e1c309dae7f45e0f39b1bf3ac3cd9db12e7d689"


def payload(**changes):
    told = {
        "ref": "refs/heads/main",
        "before": "0" * 40,
        "after": SHA,
        "forced": False,
        "deleted": False,
        "pusher": {"name": "octocat"},
        "repository": {"id": 42, "full_name": "octo/little"},
        "head_commit": {"message": "Better"},
    }
    return told | changes


SHAPELESS = {
    "no ref": {"ref": None},
    "a ref that is a list": {"ref": ["refs/heads/main"]},
    "no after": {"after": None},
    "a short after": {"after": SHA[:39]},
    "an after in upper case": {"after": SHA.upper()},
    "an after with an option": {"after": f"--{SHA[2:]}"},
    "an after with a line end": {"after": f"{SHA}\n"},
    "an after of other digits": {"after": "\u0660" * 40},
    "an after and more": {"after": f"{SHA};id"},
    "no before": {"before": ""},
    "no repository": {"repository": None},
    "a repository that is a text": {"repository": "octo/little"},
    "no id": {"repository": {"full_name": "octo/little"}},
    "an id that is a text": {"repository": {"full_name": "octo/little", "id": "42"}},
    "an id that is true": {"repository": {"full_name": "octo/little", "id": True}},
    "no pusher": {"pusher": None},
    "a pusher without a name": {"pusher": {}},
    "forced that is a number": {"forced": 0},
    "deleted that is missing": {"deleted": None},
}


@pytest.mark.parametrize("change", SHAPELESS.values(), ids=SHAPELESS)
def test_j8_what_has_not_the_shape_of_a_push_is_malformed(change):
    with pytest.raises(MalformedError):
        decide("push", json.dumps(payload(**change)).encode(), LITTLE)


def test_j8_an_issue_that_is_sent_as_a_push_is_malformed():
    issue = {"action": "opened", "issue": {"id": 1}, "repository": payload()["repository"]}
    with pytest.raises(MalformedError):
        decide("push", json.dumps(issue).encode(), LITTLE)


# As in the collections of GitHub's webhooks that octokit publishes, cut to what is looked at.
JUDGED = {
    "the branch": ("push", {}, "accepted"),
    "J12 a forced push": ("push", {"forced": True}, "accepted"),
    "J11 another case": (
        "push",
        {"repository": {"id": 42, "full_name": "Octo/LITTLE"}},
        "accepted",
    ),
    "an unknown field": ("push", {"enterprise": {"id": 1}}, "accepted"),
    "no head commit": ("push", {"head_commit": None}, "accepted"),
    "sha256": ("push", {"after": "a" * 64, "before": "0" * 64}, "accepted"),
    "J10 a deleted branch": (
        "push",
        {"deleted": True, "after": "0" * 40, "head_commit": None},
        "ignored: a deletion",
    ),
    "J10 zeros": ("push", {"after": "0" * 40}, "ignored: a deletion"),
    "J10 a deleted tag": (
        "push",
        {"ref": "refs/tags/simple-tag", "deleted": True, "after": "0" * 40},
        "ignored: a deletion",
    ),
    "J10 a tag": ("push", {"ref": "refs/tags/v1"}, "ignored: no branch"),
    "J10 a tag named as the branch": ("push", {"ref": "refs/tags/main"}, "ignored: no branch"),
    "J10 another branch": ("push", {"ref": "refs/heads/dev"}, "ignored: another branch"),
    "J10 a branch below": ("push", {"ref": "refs/heads/main/x"}, "ignored: another branch"),
    "J10 another case of the branch": (
        "push",
        {"ref": "refs/heads/Main"},
        "ignored: another branch",
    ),
    "J30 a branch with a command": (
        "push",
        {"ref": "refs/heads/main;id"},
        "ignored: another branch",
    ),
    "J29 a branch that cleaning would make ours": (
        "push",
        {"ref": "refs/heads/\x1b[31mmain"},
        "ignored: no branch",
    ),
    "J10 skipped": (
        "push",
        {"head_commit": {"message": "Words [skip deploy]"}},
        "ignored: the commit says to skip",
    ),
    "J11 a fork": (
        "push",
        {"repository": {"id": 43, "full_name": "fork/little"}},
        "ignored: another repository",
    ),
    "J11 renamed": (
        "push",
        {"repository": {"id": 42, "full_name": "octo/renamed"}},
        "ignored: another repository",
    ),
    "J11 taken over": (
        "push",
        {"repository": {"id": 43, "full_name": "octo/little"}},
        "ignored: another repository of this name",
    ),
    "J9 ping": ("ping", {"zen": "Keep it logically awesome.", "hook_id": 1}, "pong"),
    "issues": ("issues", {"action": "opened"}, "ignored: no push"),
    "check_run": ("check_run", {}, "ignored: no push"),
}


@pytest.mark.parametrize(("event", "change", "reason"), JUDGED.values(), ids=JUDGED)
def test_a_delivery_is_judged(event, change, reason):
    answer, push = decide(event, json.dumps(payload(**change)).encode(), LITTLE)
    assert answer.reason == reason
    assert (answer == ACCEPTED) == (reason == "accepted")
    assert (answer == PONG) == (reason == "pong")
    assert answer.code == (202 if reason == "accepted" else 200)
    assert (push is None) == (event != "push")


def test_what_is_kept_of_a_push_is_what_it_says():
    _, push = decide("push", json.dumps(payload(forced=True)).encode(), LITTLE)
    assert push == Push(
        ref="refs/heads/main",
        before="0" * 40,
        after=SHA,
        repository="octo/little",
        repository_id=42,
        forced=True,
        deleted=False,
        pusher="octocat",
        subject="Better",
    )


@pytest.mark.parametrize(
    ("change", "field", "kept"),
    [
        ({"head_commit": None}, "subject", ""),
        ({"head_commit": {}}, "subject", ""),
        ({"head_commit": {"message": 7}}, "subject", ""),
        ({"head_commit": {"message": "x" * 201}}, "subject", "x" * 200),
        ({"pusher": {"name": "x" * 200}}, "pusher", "x" * 200),
        ({"pusher": {"name": "x" * 201}}, "pusher", "?" + "x" * 199),
        ({"pusher": {"name": "a\nb"}}, "pusher", "?a b"),
    ],
)
def test_a_text_is_kept_to_200_characters_and_one_that_is_not_clean_is_marked(change, field, kept):
    _, push = decide("push", json.dumps(payload(**change)).encode(), LITTLE)
    assert getattr(push, field) == kept


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ref": None}, "ref is missing or of the wrong type"),
        ({"after": "x"}, "after is not a revision"),
    ],
)
def test_what_lacks_in_a_push_is_named(change, why):
    with pytest.raises(MalformedError) as refused:
        decide("push", json.dumps(payload(**change)).encode(), LITTLE)
    assert str(refused.value) == why


def test_a_revision_that_ends_with_zeros_is_no_deletion():
    body = json.dumps(payload(after="a" + "0" * 39)).encode()
    assert decide("push", body, LITTLE)[0] == ACCEPTED
    body = json.dumps(payload(after="0" * 39 + "a")).encode()
    assert decide("push", body, LITTLE)[0] == ACCEPTED


def test_a_repository_that_is_not_named_is_known_by_its_number():
    assert decide("push", json.dumps(payload()).encode(), Expected("", 42, "main"))[0] == ACCEPTED


NASTY = ["a\r\nb", "\x1b]0;x\x07y", "\ud800", "a\u202eb", "x" * 10_000, "\0", "$(id)", "' or 1 --"]


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_j29_what_is_kept_of_a_text_is_one_clean_short_line(name):
    body = json.dumps(payload(pusher={"name": name}, head_commit={"message": name})).encode()
    _, push = decide("push", body, LITTLE)
    for text in (push.pusher, push.subject):
        assert len(text) <= 200
        assert text.isprintable() or "\ufffd" in text
        text.encode()
