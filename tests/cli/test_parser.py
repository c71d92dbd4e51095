"""Complaints about a command line: the nearest name, the exit code, and no secret."""

import sys

import pytest
from invoke.exceptions import ParseError
from invoke.parser import Parser, ParserContext

from fabfile import ns
from mantodeus_ops.cli.parser import UsageParseError

BACKUP = "backup-20251205-143000"


def parsed(monkeypatch, *words):
    """Return what Invoke's parser makes of these words behind `fab -H web1`."""
    monkeypatch.setattr(sys, "argv", ["/usr/bin/fab", "-H", "web1", *words])
    return Parser(contexts=ns.to_contexts(), initial=ParserContext()).parse_argv(list(words))[1:]


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["no-such-task"], "unknown task 'no-such-task'", "fab --list"),
        (["deplyo"], "unknown task 'deplyo'", "fab -H web1 deploy"),
        (["rolback"], "unknown task 'rolback'", "fab -H web1 rollback"),
        (["deploy", "one"], "unknown task 'one'", "fab --help deploy.deploy"),
        (["backup.verify", "one", "two"], "unknown task 'two'", "fab --help backup.verify"),
        (["backup.verify", "--name", "a", "b"], "unknown task 'b'", "fab --help backup.verify"),
        (["status", "--nope"], "unknown option '--nope'", "fab --help status"),
        (
            ["deploy", "--skip-bakup"],
            "unknown option '--skip-bakup'",
            "fab -H web1 deploy --skip-backup",
        ),
        (["env.set", "A", "b", "canary"], "a value on the command line", "fab --help env.set"),
        (["env.set", "A", "--canary-value"], "a value on the command line", "fab --help env.set"),
    ],
)
def test_a_wrong_word_is_refused_with_what_is_nearest_and_no_secret(
    monkeypatch, words, error, hint
):
    with pytest.raises(UsageParseError) as refused:
        parsed(monkeypatch, *words)
    first, last = str(refused.value).splitlines()
    assert error in first
    assert last == f"hint: {hint}"
    assert "canary" not in str(refused.value)
    assert refused.value.code == 2


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["deploy", "--ref"], "needed value"),
        (["backup.verify", "--name"], "needed value"),
        (["backup.pull", "--to"], "needed value"),
        (["backup.push"], "did not receive required positional arguments"),
        (["env.set"], "did not receive required positional arguments"),
    ],
)
def test_what_is_missing_is_told_by_invoke_with_our_exit_code(monkeypatch, words, error):
    with pytest.raises(ParseError) as refused:
        parsed(monkeypatch, *words)
    assert isinstance(refused.value, UsageParseError)
    first, last = str(refused.value).splitlines()
    assert error in first
    assert last.removesuffix(".deploy") == f"hint: fab --help {words[0]}"


@pytest.mark.parametrize(
    ("words", "name", "as_json"),
    [
        ([], "", False),
        ([BACKUP], BACKUP, False),
        (["--name", BACKUP], BACKUP, False),
        ([f"--name={BACKUP}"], BACKUP, False),
        (["--json", BACKUP], BACKUP, True),
        (["--json"], "", True),
    ],
)
def test_a_name_may_stand_bare_or_be_missing(monkeypatch, words, name, as_json):
    (found,) = parsed(monkeypatch, "backup.verify", *words)
    assert (found.args["name"].value, found.args["json"].value) == (name, as_json)


def test_a_task_that_follows_a_missing_name_is_no_name(monkeypatch):
    first, second = parsed(monkeypatch, "backup.verify", "backup.list")
    assert (first.name, first.args["name"].value) == ("backup.verify", "")
    assert second.name == "backup.list"
    named, _ = parsed(monkeypatch, "backup.verify", "--name", "backup.list", "status")
    assert named.args["name"].value == "backup.list"


def test_hosts_with_unusual_names_are_left_out_of_a_hint(monkeypatch):
    parser = Parser(contexts=ns.to_contexts(), initial=ParserContext())
    monkeypatch.setattr(sys, "argv", ["fab", "-H", "me:canary@web1", "statsu"])
    with pytest.raises(UsageParseError) as refused:
        parser.parse_argv(["statsu"])
    assert str(refused.value).splitlines()[-1] == "hint: fab status"


def test_an_unknown_word_without_a_near_name_leads_to_the_list(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["inv"])
    far = UsageParseError.unknown("group", "zzz", ["deploy"], "--list")
    assert str(far) == "error: unknown group 'zzz'\nhint: inv --list"
    near = UsageParseError.unknown("group", "deplo", ["deploy"], "--list")
    assert str(near) == "error: unknown group 'deplo'\nhint: inv --list deploy"
