"""What people see of the variables: names, never values."""

import json
from base64 import b64encode

import pytest

from mantodeus_ops.env.variables import (
    EnvFile,
    compared_with_example,
    fingerprints,
    is_built_in,
    is_known,
    is_placeholder,
    not_seen,
    not_seen_after,
    reserved,
    same_everywhere,
    unsafe_link_reason,
    variables,
)

STILL = {"running": False, "fresh": False, "started": None, "pm2": {}}
FRESH = {"running": True, "fresh": True, "started": None, "pm2": {}}


LOGIN, LOADS = "from its login already", "what code is loaded"


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
        ({**known(A="changed"), "running": False}, ""),
        ({**known(A="same"), "fresh": True}, "seen"),
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


@pytest.mark.parametrize("process", [FRESH, {**FRESH, "fresh": False}, known()])
def test_what_is_not_in_the_file_is_nothing_that_a_process_could_have_seen(process):
    (row,) = variables({}, {}, ("A",), process)
    assert row == {
        "name": "A",
        "state": "missing",
        "required": True,
        "secret": False,
        "in_example": False,
        "process": "",
    }


def test_the_secrets_of_the_webhook_are_no_matter_of_the_process():
    names = ("WEBHOOK_SECRET", "WEBHOOK_SECRET_OLD")
    rows = variables(dict.fromkeys(names, "1"), {}, (), FRESH)
    assert [one["process"] for one in rows] == ["", ""]
    assert not_seen_after({}, dict.fromkeys(names, "1"), FRESH) == []


@pytest.mark.parametrize(
    ("word", "apart"),
    [
        *((word, True) for word in ("old", "not yet", "still there", "PM2's own")),
        *((word, False) for word in ("seen", "unknown", "")),
    ],
)
def test_what_the_process_has_otherwise_is_unseen(word, apart):
    rows = [{"name": "A", "process": "seen"}, {"name": "B", "process": word}]
    assert not_seen(rows) == ["B"] * apart


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *((name, LOGIN) for name in ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD")),
        *((name, LOGIN) for name in ("TMPDIR", "LANG", "TZ")),
        *((name, LOADS) for name in ("LD_PRELOAD", "LD_LIBRARY_PATH", "NODE_OPTIONS")),
        *((name, LOADS) for name in ("NODE_PATH", "BASH_ENV", "IFS")),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "pose as the servers"),
        ("PUBLIC_KEY", "PM2 reads a variable of this name"),
        ("SECRET_KEY", "PM2 reads a variable of this name"),
        ("PM2_HOME", "PM2 reads variables of this kind"),
    ],
)
def test_a_name_that_others_read_is_told_with_who_does(name, why):
    assert why in reserved(name)
    assert reserved(f"MY_{name}") == ""


@pytest.mark.parametrize(
    ("link", "where"),
    [("outside", "out of the app"), ("broken", "to nothing"), ("inside", ""), ("", "")],
)
def test_a_link_is_told_of_when_no_change_is_made_through_it(link, where):
    assert unsafe_link_reason(link) == where


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
    assert {len(digest) for digest in one.values()} == {16}
    third = same_everywhere({"x": {"A": "1"}, "y": {}, "z": {"A": "2"}, "w": {"A": "1"}})
    assert third == [{"name": "A", "hosts": {"x": "A", "y": "-", "z": "B", "w": "A"}}]
    many = same_everywhere({f"h{number}": {"A": f"{number}"} for number in range(27)})
    assert list(many[0]["hosts"].values())[24:] == ["Y", "Z", "A"]
    assert "hunter22" not in json.dumps(one)
    assert fingerprints({"A": "\udcff"}, key) != fingerprints({"A": "\udcfe"}, key)
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
        "  <key>  ",
        "please change me",
        "to replace this",
        "fixme",
        "***",
        "placeholder",
        "example",
    ],
)
def test_knows_a_placeholder(value):
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value", ["", "a todo", "production", "look here", "a-real-key", "3000", "https://example.com"]
)
def test_knows_a_value(value):
    assert not is_placeholder(value)


def test_knows_what_builds_write_into_pages():
    assert is_built_in("VITE_API")
    assert not is_built_in("INVITE_API")
