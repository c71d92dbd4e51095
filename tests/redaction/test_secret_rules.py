import pytest

from mantodeus_ops.redaction.secret_rules import is_secret, secret_values, secrets_of


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEY", "x"),
        ("db_password", "x"),
        ("DATABASE_URL", "x"),
        ("SMTP_PASS", "x"),
        ("OTHER", "ghp_x"),
        ("OTHER", "-----BEGIN PRIVATE KEY-----"),
        ("OTHER", "sk_live_x"),
    ],
)
def test_a_name_or_a_form_says_that_a_value_is_secret(name, value):
    assert is_secret(name, value)


@pytest.mark.parametrize(("name", "value"), [("PORT", "3000"), ("COMPASS", "n"), ("X", "a ghp_x")])
def test_any_other_value_is_no_secret(name, value):
    assert not is_secret(name, value)


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("abcdef", True),
        ("abcde", False),
        ("a1b2", True),
        ("a1b", False),
        ("1234", False),
        ("abcd", False),
        ("production", False),
        (" Localhost ", False),
    ],
)
def test_a_secret_that_is_short_or_common_is_not_searched_for(value, hidden):
    assert (value in secret_values({"TOKEN": value})) == hidden


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("postgres://me:pa%20ss1@db/x", {"pa%20ss1", "pa ss1"}),
        ("https://token9@git.example/x", {"token9"}),
        ("https://x/?page=second&api_key=k3y-abc", {"k3y-abc"}),
        ("https://x/?page=second", set()),
    ],
)
def test_a_url_holds_secrets_as_written_and_decoded(url, parts):
    assert secret_values({"ADDRESS": url}) == parts


def test_a_secret_that_a_later_line_replaces_is_one_too():
    assert secrets_of("TOKEN=first-one\nTOKEN=second-one\nPORT=300000\n") == {
        "first-one",
        "second-one",
    }


def test_values_of_elsewhere_are_hidden_when_they_are_long_enough():
    assert secret_values({}, also=["abcdef", "a1b2"]) == {"abcdef"}
