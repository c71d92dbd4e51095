"""What people see of the variables: names, never values."""

import json
from base64 import b64encode

import pytest

from fabfile.pure.variables import (
    EnvFile,
    compared_with_example,
    fingerprints,
    is_built_in,
    is_known,
    is_placeholder,
    not_seen_after,
    same_everywhere,
    variables,
)

STILL = {"running": False, "fresh": False, "started": None, "pm2": {}}
FRESH = {"running": True, "fresh": True, "started": None, "pm2": {}}


def known(**started):
    """Return a process of which it is known what it began with."""
    return {**FRESH, "fresh": False, "started": started}


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (STILL, ""),
        (FRESH, "seen"),
        ({**FRESH, "fresh": False}, "unknown"),
        (known(A="same"), "seen"),
        (known(A="changed"), "old"),
        (known(A="new"), "not yet"),
        ({**FRESH, "pm2": {"A": "other"}}, "PM2's own"),
        ({**FRESH, "pm2": {"A": "same"}}, "seen"),
    ],
)
def test_tells_what_the_process_has_of_a_variable(process, expected):
    assert variables({"A": "1"}, {}, (), process)[0]["process"] == expected


def test_lists_what_is_there_what_lacks_and_what_is_gone_but_still_held():
    env = {"A": "1", "B": "", "KEY": "changeme"}
    rows = variables(env, {"A": "", "E": "1"}, ["R"], known(A="same", B="same", G="gone"))
    assert [(one["name"], one["state"], one["process"]) for one in rows] == [
        ("A", "set", "seen"),
        ("B", "empty", "seen"),
        ("KEY", "placeholder", ""),
        ("R", "missing", ""),
        ("E", "missing", ""),
        ("G", "missing", "still there"),
    ]
    assert [one["name"] for one in rows if one["required"]] == ["R"]
    assert [one["name"] for one in rows if one["in_example"]] == ["A", "E"]
    assert [one["name"] for one in rows if one["secret"]] == ["KEY"]


def test_a_change_is_not_seen_until_the_process_begins_anew():
    before, after = {"A": "1", "B": "2", "C": "3"}, {"A": "0", "B": "2", "D": "4"}
    assert not_seen_after(before, after, FRESH) == ["A", "C", "D"]
    assert not_seen_after(before, after, known(B="changed")) == ["A", "C", "D", "B"]
    assert not_seen_after(before, after, STILL) == []


def test_a_file_keeps_the_bytes_that_are_no_text():
    told = {"bytes": b64encode(b"A=\xff\n"), "file": ".env", "digest": "d", "link": ""}
    file = EnvFile.of({**told, "present": True})
    assert file == EnvFile(".env", "A=\udcff\n", "d", present=True, link="")
    assert file.text.encode("utf-8", "surrogateescape") == b"A=\xff\n"


def test_it_is_known_what_a_process_has_when_it_is_younger_or_left_a_note():
    assert is_known(FRESH)
    assert is_known(known())
    assert not is_known(STILL)


def test_hosts_are_compared_without_a_value():
    key = b"for this run"
    one = fingerprints({"A": "1", "B": "2", "SECRET": "hunter22"}, key)
    other = fingerprints({"A": "1", "B": "3"}, key)
    assert same_everywhere({"one": one, "other": other}) == [
        {"name": "B", "hosts": {"one": "A", "other": "B"}},
        {"name": "SECRET", "hosts": {"one": "A", "other": "-"}},
    ]
    assert "hunter22" not in json.dumps(one)
    assert fingerprints({"A": "1"}, b"another")["A"] != one["A"]
    assert fingerprints({"B": "1"}, key)["B"] != one["A"]


def test_a_file_is_compared_with_its_example():
    found = compared_with_example({"A": "1", "B": "", "C": "x"}, {"A": "1", "B": "", "D": "4"})
    assert found == {"missing": ["D"], "not_in_example": ["C"], "as_in_example": ["A"]}


@pytest.mark.parametrize(
    "value",
    [
        "changeme",
        "CHANGE-ME",
        "your_key",
        "<key>",
        "...",
        "xxxx",
        "todo",
        "your-key-here",
        "secret_here",
        "example",
    ],
)
def test_knows_a_placeholder(value):
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value", ["", "production", "look here", "a-real-key", "3000", "https://example.com"]
)
def test_knows_a_value(value):
    assert not is_placeholder(value)


def test_knows_what_builds_write_into_pages():
    assert is_built_in("VITE_API")
    assert not is_built_in("INVITE_API")
