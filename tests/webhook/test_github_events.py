"""The numbers J… are those of the project's table of faults."""

import json
import random
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mantodeus_ops.webhook.github_events import (
    ACCEPTED,
    PONG,
    REFUSALS,
    SEEN,
    VECTOR,
    Answer,
    MalformedError,
    full_name,
    ignored,
    is_signature,
    read_payload,
    signature_of,
    signed_by,
)

SECRET, BODY, SIGNATURE = VECTOR
PUSH = {"ref": "refs/heads/main", "pusher": {"name": "octocat"}}
OTHER = b"another secret of thirty-two bytes or more"


def test_j1_the_example_of_githubs_documentation_comes_out():
    assert signature_of(SECRET, BODY) == SIGNATURE
    assert signed_by(BODY, SIGNATURE, [SECRET]) == 0


def _bad_signatures():
    """Yield more than two hundred headers, each wrong in its own way."""
    for place in range(7, 71):  # each digit in turn is another one
        yield (
            SIGNATURE[:place]
            + (b"0" if SIGNATURE[place] != 0x30 else b"1")
            + SIGNATURE[place + 1 :]
        )
    for length in range(71):  # cut anywhere
        yield SIGNATURE[:length]
    for end in (b"\n", b"\r", b" ", b"\0", b"0", b"\t", b",", b";", b"=", b"\xff", b"\x85"):
        yield SIGNATURE + end
        yield end + SIGNATURE
        yield SIGNATURE[:7] + end + SIGNATURE[7:]
        yield SIGNATURE[:7] + end + SIGNATURE[8:]
    yield from _bad_forms(SIGNATURE[7:])
    chance = random.Random(1)  # noqa: S311 - a table, not a secret
    for _ in range(30):
        yield b"sha256=" + chance.randbytes(32).hex().encode()


def _bad_forms(hexadecimal):
    """Yield what somebody may take for another form of the same, and signatures of others."""
    for kind in ("sha1", "SHA256", "Sha256", "sha512", "md5", "sha-256", "hmac-sha256", "", "v1"):
        yield f"{kind}={hexadecimal.decode()}".encode()
    yield SIGNATURE.upper()
    yield b"sha256=" + hexadecimal.upper()
    yield b"sha256=" + hexadecimal.title()
    yield b"sha256:" + hexadecimal
    yield b"sha256==" + hexadecimal
    yield b"sha256=0x" + hexadecimal
    yield b'"' + SIGNATURE + b'"'
    yield SIGNATURE + b"," + SIGNATURE
    yield SIGNATURE + b", sha1=" + b"0" * 40
    yield b"sha1=" + b"0" * 40 + b"," + SIGNATURE
    yield hexadecimal
    yield b"sha256=" + hexadecimal * 2
    yield b"sha256=" + b"0" * 64
    yield "sha256=".encode("utf-16") + hexadecimal
    yield b"sha256=" + "\u0660".encode() * 32
    yield b"sha256=" + "\uff10".encode() * 21 + b"0"
    yield signature_of(OTHER, BODY)
    yield signature_of(b"", BODY)
    yield signature_of(SECRET, b"")
    yield signature_of(SECRET, BODY + b"\n")
    yield signature_of(SECRET, b"\xef\xbb\xbf" + BODY)
    yield signature_of(SECRET[:-1], BODY)
    yield signature_of(SECRET + b"\n", BODY)


BAD = list(dict.fromkeys(_bad_signatures()))


def test_there_are_enough_bad_ones():
    assert len(BAD) >= 200
    assert SIGNATURE not in BAD


@pytest.mark.parametrize("header", BAD, ids=range(len(BAD)))
def test_j2_j4_no_other_header_passes(header):
    assert signed_by(BODY, header, [SECRET]) < 0


@given(st.binary(max_size=100))
def test_j2_whatever_the_header_is_it_is_refused_without_an_error(header):
    assert signed_by(BODY, header, [SECRET, OTHER]) < 0
    assert not is_signature(header)


def test_a_header_that_holds_a_signature_is_none():
    assert is_signature(SIGNATURE)
    assert not is_signature(b"x" + SIGNATURE)
    assert not is_signature(SIGNATURE + b"0")


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=80), st.binary(max_size=200))
def test_a_signature_is_good_for_its_body_only(body, secret, other):
    signature = signature_of(secret, body)
    assert signed_by(body, signature, [secret]) == 0
    assert (signed_by(other, signature, [secret]) == 0) == (body == other)


def test_j24_either_of_two_secrets_signs_and_it_is_told_which():
    assert signed_by(BODY, signature_of(OTHER, BODY), [SECRET, OTHER]) == 1
    assert signed_by(BODY, SIGNATURE, [SECRET, OTHER]) == 0
    assert signed_by(BODY, SIGNATURE, [OTHER, SECRET, SECRET]) == 1
    assert signed_by(BODY, SIGNATURE, [SECRET, SECRET]) == 0
    assert signed_by(BODY, SIGNATURE, []) == signed_by(BODY, b"", [SECRET]) == -1


def test_j24_the_second_is_compared_even_when_the_first_fits():
    told = iter([SECRET, OTHER])
    assert signed_by(BODY, SIGNATURE, told) == 0
    assert list(told) == []


MALFORMED = {
    "utf-16": json.dumps(PUSH).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(PUSH).encode(),
    "latin-1": '{"a": "é"}'.encode("latin-1"),
    "a list": b"[]",
    "a text": b'"push"',
    "nothing": b"",
    "blanks": b"   ",
    "a bomb of depth": b"[" * 200_000,
    "a deep object": b'{"a":' * 200_000,
    "a closed bomb": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a long number": b'{"a": ' + b"1" * 5_000 + b"}",
    "a number of a million digits": b'{"a": ' + b"1" * 1_000_000 + b"}",
    "NaN": b'{"a": NaN}',
    "-Infinity": b'{"a": -Infinity}',
    "too large for a float": b'{"a": 1e999}',
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, inside": b'{"a": {"b": 1, "\\u0062": 2}}',
    "two objects": b"{}{}",
    "a comment": b"{} // ok",
    "a cut one": json.dumps(PUSH).encode()[:-1],
    "a NUL": b'{"a": "\0"}',
    "single quotes": b"{'a': 1}",
    "a form": b"payload=%7B%7D",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_j14_j15_what_is_no_plain_json_object_is_malformed(body):
    with pytest.raises(MalformedError, match="the body is "):
        read_payload(body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xff", "not UTF-8"),
        (b"[" * 200_000, "nested too deep"),
        (b"[]", "not a JSON object"),
        (b'{"a": 1, "a": 2}', "not JSON: an object has a duplicate name"),
        (b'{"a": ' + b"1" * 31 + b"}", "not JSON: a number is too long"),
        (b'{"a": NaN}', "not JSON: a number is not valid JSON"),
        (b"", "not JSON: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_what_is_malformed_is_told_in_a_word(body, why):
    with pytest.raises(MalformedError) as refused:
        read_payload(body)
    assert str(refused.value) == f"the body is {why}"


def test_a_number_may_be_longer_than_any_id_and_not_much():
    assert read_payload(b'{"a": ' + b"1" * 30 + b"}") == {"a": int("1" * 30)}


def test_numbers_as_json_knows_them_are_read():
    assert read_payload(b'{"a": 1.5, "b": -2e3, "c": 12}') == {"a": 1.5, "b": -2000.0, "c": 12}


@given(st.binary(max_size=300))
def test_j15_any_bytes_are_read_or_malformed(body):
    try:
        found = read_payload(body)
    except MalformedError:
        return
    assert isinstance(found, dict)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (HTTPStatus.BAD_REQUEST, "malformed"),
        (HTTPStatus.UNAUTHORIZED, "no valid signature"),
        (HTTPStatus.NOT_FOUND, "not here"),
        (HTTPStatus.METHOD_NOT_ALLOWED, "another method"),
        (HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing"),
        (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large"),
        (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only application/json"),
        (HTTPStatus.TOO_MANY_REQUESTS, "too many"),
        (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "header too large"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "not now"),
    ],
)
def test_a_refusal_is_a_short_line_under_the_code_that_http_has_for_it(code, reason):
    assert REFUSALS[code] == Answer(code, "refused", reason)
    assert REFUSALS[code].body == f"{reason}\n".encode()
    assert len(REFUSALS) == 10


def test_what_is_taken_or_passed_over_is_answered_with_success():
    assert Answer(202, "accepted", "accepted") == ACCEPTED
    assert Answer(200, "pong", "pong") == PONG
    assert Answer(200, "seen", "already seen") == SEEN
    assert ignored("no push") == Answer(200, "ignored", "ignored: no push")


@pytest.mark.parametrize(
    ("repository", "name"),
    [
        ("git@github.com:octo/little.git", "octo/little"),
        ("git@github.com:octo/little", "octo/little"),
        ("https://github.com/octo/little.git", "octo/little"),
        ("https://github.com/octo/little/", "octo/little"),
        ("ssh://git@github.com:22/octo/little.git", "octo/little"),
        ("ssh://git@ssh.github.com:443/octo/little.git", "octo/little"),
        ("git+ssh://git@github.com/octo/little.git", "octo/little"),
        ("/home/a/origin.git", "a/origin"),
        ("file:///home/a/origin.git", "a/origin"),
        ("octo.github.com:octo/my.app.git", "octo/my.app"),
        ("https://github.com//octo/little", "octo/little"),
        ("octo/little", "octo/little"),
        ("https://github.com/little", "little"),
        ("/x/y/", "x/y"),
        ("", ""),
    ],
)
def test_the_name_of_a_repository_is_read_from_where_git_fetches(repository, name):
    assert full_name(repository) == name
