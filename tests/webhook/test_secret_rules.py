"""The secret in `.env`: whether it will do, and how it is replaced."""

import pytest

from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.webhook.github_events import VECTOR
from mantodeus_ops.webhook.secret_rules import (
    secret_fault,
    secrets_in,
    weakness,
    with_new_secret,
    without_old_secret,
)

OLD_FAULT = "WEBHOOK_SECRET_OLD has less than 32 bytes"
GOOD, NEW = "0123456789abcdef" * 4, "fedcba9876543210" * 4


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "is not set"),
        ("short", "has less than 32 bytes"),
        ("a" * 64, "is made of a few characters only"),
        ("abab" * 16, "is made of a few characters only"),
        ("your-webhook-secret-goes-here-" + "x" * 30, "is a well-known example"),
        ("0123456789abcdef" * 2, ""),
        (("0123456789abcdef" * 2)[:31], "has less than 32 bytes"),
        ("01234567" * 8, ""),
        ("0123456" * 8, "is made of a few characters only"),
        (VECTOR[0].decode(), "has less than 32 bytes"),
        (GOOD, ""),
        ("ü1234567" * 4, ""),
    ],
)
def test_what_is_no_secret_is_told_without_a_letter_of_it(value, why):
    assert weakness(value) == why


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("PORT=1\n", "WEBHOOK_SECRET is not set"),
        (f"WEBHOOK_SECRET={GOOD}\n", ""),
        (f"WEBHOOK_SECRET={GOOD}\nWEBHOOK_SECRET_OLD=x\n", OLD_FAULT),
        (f"WEBHOOK_SECRET=x\nWEBHOOK_SECRET={GOOD}\n", ""),
    ],
)
def test_both_secrets_must_be_good(text, fault):
    assert secret_fault(text) == fault


def test_a_new_secret_leaves_the_one_before_good_and_every_other_line_alone():
    text = f"# a comment\nWEBHOOK_SECRET={GOOD}\nPORT=3000\n"
    once = with_new_secret(text, NEW).text
    assert secrets_in(once).current == NEW
    assert secrets_in(once).old == GOOD
    assert once.startswith(f"# a comment\nWEBHOOK_SECRET={NEW}\nPORT=3000\n")
    assert without_old_secret(once).text == text.replace(GOOD, NEW)


@pytest.mark.parametrize("before", ["", "WEBHOOK_SECRET=\n", "WEBHOOK_SECRET=changeme\n"])
def test_what_was_no_secret_is_not_kept_as_one(before):
    env = parse_dotenv(with_new_secret(before, NEW).text)
    assert env == {"WEBHOOK_SECRET": NEW}


def test_a_change_that_is_not_finished_is_not_begun_again():
    text = with_new_secret(f"WEBHOOK_SECRET={GOOD}\n", NEW).text
    with pytest.raises(PreflightError) as refused:
        with_new_secret(text, "x" * 64)
    assert refused.value.hint == "webhook.secret --finish  # once GitHub has the new one"
    told = "the last change of the secret is not finished: WEBHOOK_SECRET_OLD is still there"
    assert refused.value.message == told
