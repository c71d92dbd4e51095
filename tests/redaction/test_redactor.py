"""What is secret, and that no shape of it comes out."""

import base64
import json
import re
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mantodeus_ops.redaction.encodings import encodings_of
from mantodeus_ops.redaction.redactor import Redactor, scrub_urls, secret_values, secrets_of

CANARY = "c4n@ry'S/+ \"é\\n$x=9&z"
PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\nshort\n-----END KEY-----\n"

SHAPES = [
    CANARY,
    shlex.quote(CANARY),
    "+ echo '" + CANARY.replace("'", "'\\''") + "'",
    json.dumps(CANARY),
    json.dumps(CANARY, ensure_ascii=False),
    repr(CANARY),
    quote(CANARY),
    quote(CANARY, safe=""),
    re.sub("%..", lambda match: match[0].lower(), quote(CANARY, safe="")),
    quote_plus(CANARY),
    quote(CANARY, safe="!'()*"),
    "'c4n@ry\\'S/+ \"é\\\\n$x=9&z'",
    "`c4n@ry'S/+ \"é\\\\n$x=9&z`",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_replaces_a_secret_in_every_spelling(shape):
    left = Redactor([CANARY]).text(f"before {shape} after")
    assert re.fullmatch(r"before (\+ echo )?['\"`]?\[secret\]['\"`]? after", left)


@pytest.mark.parametrize("spelt", ["c4n~ry+%2A9", "c4n%7Ery+*9", "c4n~ry%20*9"])
def test_replaces_a_secret_as_forms_of_python_and_of_browsers_spell_it(spelt):
    assert Redactor(["c4n~ry *9"]).text(f"x={spelt}&y") == "x=[secret]&y"


@pytest.mark.parametrize("before", ["", "u", "us", "use", "user:"])
@pytest.mark.parametrize("after", ["", "y", "yz", "\n"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_replaces_a_secret_inside_base64_at_any_offset(before, after, encode):
    secret = "c4nary?>~secret"
    shown = Redactor([secret]).text(encode((before + secret + after).encode()).decode())
    assert "[secret]" in shown
    assert (
        len(shown.replace("[secret]", "")) <= len(base64.b64encode((before + after).encode())) + 4
    )


def test_replaces_a_text_of_several_lines_whole_with_crlf_and_line_by_line():
    redactor = Redactor([PEM])
    assert redactor.text(f"a{PEM}b") == "a[secret]b"
    assert redactor.text("a" + PEM.replace("\n", "\r\n") + "b") == "a[secret]b"
    assert redactor.text(json.dumps(PEM)) == '"[secret]"'
    assert redactor.text("  hkiG9w0BAQEFAASC \n") == "  [secret] \n"
    assert redactor.text("short -----BEGIN KEY-----") == "short -----BEGIN KEY-----"


@pytest.mark.parametrize(
    ("secrets", "text", "expected"),
    [
        ([], "anything", "anything"),
        (["", "abc"], "abc", "abc"),
        (["hunter22"], "hunter2 hunter22 hunter222", "hunter2 [secret] [secret]2"),
        (["abcd", "abcdef"], "abcdef abcde abcd", "[secret] [secret]e [secret]"),
        (["a.c+d"], "abccd a.c+d", "abccd [secret]"),
        (["pässword", "\ud800lone"], "pässword \ud800lone", "[secret] [secret]"),
    ],
)
def test_replaces_the_longest_secret_and_nothing_else(secrets, text, expected):
    assert Redactor(secrets).text(text) == expected


@pytest.mark.parametrize("cut", range(len(f"x{CANARY}y") + 1))
def test_finds_a_secret_split_between_two_reads_at_every_place(cut):
    stream = Redactor([CANARY]).stream()
    text = f"x{CANARY}y"
    assert stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.flush() == "x[secret]y"


def test_a_secret_behind_one_in_which_a_longer_one_seemed_to_begin_is_found():
    stream = Redactor(["ab-long", "long-ab-secret-cd-z", "secret-c"]).stream()
    assert stream.feed("ab-long-ab-secret-cd") == "[secret]-ab-[secret]d"


def test_a_secret_inside_the_beginning_of_a_longer_one_waits_for_its_end():
    secrets = ("canary-inner", "outer-canary-inner-end")
    for rest, shown in (("-end.", "[secret]."), ("-other", "outer-[secret]-other")):
        stream = Redactor(secrets).stream()
        assert stream.feed("x outer-canary-inner") == "x "
        assert stream.feed(rest) + stream.flush() == shown


def test_holds_back_only_the_beginning_of_a_secret():
    stream = Redactor(["hunter22", "run-away"]).stream()
    assert stream.feed("Continue? [y/N] ") == "Continue? [y/N] "
    assert stream.feed("hunter") == ""
    assert stream.feed("s run") == "hunters "
    assert stream.flush() == "run"
    assert stream.flush() == ""


@settings(deadline=None)
@given(
    secrets=st.lists(st.text("ab", min_size=4, max_size=8), max_size=6),
    pieces=st.lists(st.text("abc", max_size=12), max_size=12),
)
def test_a_stream_shows_what_the_whole_text_would(secrets, pieces):
    redactor = Redactor(secrets)
    stream = redactor.stream()
    shown = "".join(map(stream.feed, pieces)) + stream.flush()
    assert shown == redactor.text("".join(pieces))


@settings(deadline=None, max_examples=50)
@given(
    secrets=st.lists(st.text(min_size=8, max_size=60), min_size=1, max_size=4),
    around=st.text("[]:;", max_size=5),
)
def test_no_secret_comes_out_whatever_it_is_made_of(secrets, around):
    redactor = Redactor(secrets)
    for secret in secrets:
        assert secret not in redactor.text(around + secret + around).replace("[secret]", "")


@settings(deadline=None)
@given(
    secrets=st.lists(st.text("abé", min_size=4, max_size=20), min_size=1, max_size=4),
    text=st.text("abcé", max_size=60),
)
def test_the_quick_look_passes_over_no_secret(secrets, text):
    redactor = Redactor(secrets)
    there = any(shape in text for secret in secrets for shape in encodings_of(secret))
    assert bool(redactor.finder(text)) == there
    assert all(redactor.finder(text + secret + text) for secret in secrets)


@settings(deadline=None)
@given(
    parts=st.lists(st.lists(st.text("abé", min_size=4, max_size=9), max_size=3), max_size=4),
    pieces=st.lists(st.text("abcé", max_size=20), max_size=6),
)
def test_secrets_learnt_one_after_the_other_are_hidden_as_if_known_at_once(parts, pieces):
    slowly = Redactor(())
    for part in parts:
        slowly.learn(part)
    text, stream = "".join(pieces), slowly.stream()
    expected = Redactor(secret for part in parts for secret in part).text(text)
    assert slowly.text(text) == expected
    assert "".join(map(stream.feed, pieces)) + stream.flush() == expected


ENV = {
    "DATABASE_URL": "mysql://app:p%40ssw0rd@db.example.com/app",
    "REDIS_ADDRESS": "redis://:r3d1s-pass@localhost:6379",
    "GIT_REMOTE": "https://t0ken123@example.com/repo.git",
    "HOOK": "https://example.com/hook?user=me&access_token=tok-123456#top",
    "S3_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "jwt_secret": "a jwt secret",
    "SMTP_PASS": "smtp-pass",
    "SENTRY_DSN": "https://public-id@sentry.example.com/1",
    "PLAIN_NAME": "ghp_0123456789abcdef",
    "API_TOKEN": "true",
    "PIN": "12345",
    "DB_PASSWORD": "Production",
    "NODE_ENV": "production",
    "PORT": "3000",
    "NEXTAUTH_URL": "https://manager.example.com",
    "PASSENGER_COUNT": "forty-two",
    "EMPTY_SECRET": "",
    "ADMIN_PASS": "s3x!",
    "CI_TOKEN": "a1b",
    "RESET_KEY": "abcde",
    "CACHE": "redis://:p4ss@localhost/0",
    "COLOUR": "#aa11",
}


def test_tells_which_values_are_secret_by_name_by_look_and_inside_urls():
    assert secret_values(ENV, also=["extra-secret", "x", "3000"]) == {
        "mysql://app:p%40ssw0rd@db.example.com/app",
        "p%40ssw0rd",
        "p@ssw0rd",
        "r3d1s-pass",
        "t0ken123",
        "tok-123456",
        "AKIDEXAMPLE",
        "a jwt secret",
        "smtp-pass",
        "https://public-id@sentry.example.com/1",
        "public-id",
        "ghp_0123456789abcdef",
        "s3x!",
        "p4ss",
        "extra-secret",
    }


@pytest.mark.parametrize(
    ("env", "also", "hidden"),
    [
        ({}, ["abcdef", "abcde", "a1b2"], {"abcdef"}),
        ({"X": "gho_", "Y": "my ghp_0123456789"}, [], set()),
        ({"TOKEN": "production \n", "KEY": "a1b2 ", "PIN": "1234"}, [], {"a1b2 "}),
        ({"X": "HTTPS://t0ken123@example.com"}, [], {"t0ken123"}),
        ({"KEY": "a1b", "AUTH": "a1b2"}, [], {"a1b2"}),
    ],
)
def test_what_is_short_or_common_is_hidden_only_where_its_name_says_so(env, also, hidden):
    assert secret_values(env, also) == hidden


def test_an_assignment_that_a_later_one_replaces_is_secret_too():
    assert secrets_of("KEY=the first\nOTHER=x\nKEY=the second\n") == {"the first", "the second"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://me:pw@example.com/x", "https://[secret]@example.com/x"),
        ("mysql://app:p@ss:w0rd@db/app ok", "mysql://[secret]@db/app ok"),
        ("redis://:pw@localhost", "redis://[secret]@localhost"),
        ("https://ghp_token@example.com/x.git", "https://[secret]@example.com/x.git"),
        ("HTTP://token@example.com", "HTTP://[secret]@example.com"),
        ("a://u:p@h b://u:p@h", "a://[secret]@h b://[secret]@h"),
        ("ssh://git@example.com/x.git", "ssh://git@example.com/x.git"),
        ("http://localhost:3000/@me", "http://localhost:3000/@me"),
        ("git@example.com:me/x.git", "git@example.com:me/x.git"),
        ('{"a":"http://h:80","b":"c@d"}', '{"a":"http://h:80","b":"c@d"}'),
        ("// note: ask me@example.com", "// note: ask me@example.com"),
        ("//" + "a:" * 50_000, "//" + "a:" * 50_000),
    ],
)
def test_takes_the_login_out_of_urls(text, expected):
    assert scrub_urls(text) == expected
