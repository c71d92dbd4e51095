import json
import shlex
import time

import pytest

from mantodeus_ops.errors import ConnectionLostError, HostError
from mantodeus_ops.redaction.redactor import REPLACEMENT
from mantodeus_ops.remote.answers.programs import FACTS, MAKE_DIRECTORIES, READ_LOCK, Program
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.shell import Command
from tests.support.fake_host import Heard, host_at, tree_of
from tests.support.faulty_transports import Dropping, Strange

SECRET = "canary-c0ffee"
NAMES = (
    "a b",
    "it's",
    '"',
    "$(touch pwned)",
    "`x`",
    "-n",
    "--",
    "new\nline",
    "é漢😀",
    "*",
    "~",
    "\\",
)


@pytest.fixture
def host(tmp_path):
    """Return a host whose app is in an empty folder."""
    return host_at(tmp_path)


def test_a_command_runs_in_the_project(host, tmp_path):
    assert host.capture("pwd") == f"{tmp_path}\n"


def test_a_command_that_fails_says_what_failed_where_and_how(host):
    with pytest.raises(HostError) as caught:
        host.capture("ls", "no such file")
    message = caught.value.message
    assert message.startswith("ls 'no such file' failed on here (exit 2): ")
    assert "No such file" in message


def test_what_a_command_prints_is_captured_as_it_is(host):
    assert host.capture("printf", "%s", "a\n\n é ☃ ") == "a\n\n é ☃ "


def test_what_is_not_text_does_not_end_the_tool(host):
    assert host.capture("printf", r"a\xffb") == "a\ufffdb"


def test_a_capture_that_fails_is_the_host_s_error(host):
    with pytest.raises(HostError, match=r"false failed on here \(exit 1\)"):
        host.capture("false")


def test_a_command_that_takes_too_long_is_given_up(host):
    began = time.monotonic()
    with pytest.raises(HostError, match=r"sleep 30 failed on here \(exit 124\): timed out"):
        host.capture("sleep", "30", timeout=0.3)
    assert time.monotonic() - began < 20


def test_a_missing_project_is_an_error_and_not_another_folder(tmp_path):
    with pytest.raises(HostError, match="nowhere"):
        host_at(tmp_path / "nowhere").capture("pwd")


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_names(tmp_path, name):
    project = tmp_path / f"p{name}"
    project.mkdir()
    host = host_at(project)
    (project / name).write_text(f"text of {name}\n")
    assert host.capture("cat", "--", name) == f"text of {name}\n"
    host.call(MAKE_DIRECTORIES, backup_dir=f"{name}s")
    assert {path.name for path in project.iterdir()} == {name, f"{name}s", ".deploy", "logs"}
    assert [path.name for path in tmp_path.iterdir()] == [project.name]


def test_a_preview_shows_the_exact_command_and_runs_nothing(tmp_path):
    heard = Heard()
    (tmp_path / "a file").write_text("as it was")
    before = tree_of(tmp_path)
    host_at(tmp_path, heard=heard).preview(Command(("rm", "a file", "it's")))
    assert heard.commands == ["rm 'a file' 'it'\"'\"'s'"]
    assert tree_of(tmp_path) == before


def test_looking_at_a_host_changes_nothing(host, tmp_path):
    before = tree_of(tmp_path)
    assert host.query(FACTS, want=["env"], history=1)["live"] is None
    assert tree_of(tmp_path) == before


def test_an_answer_is_the_last_line_so_that_a_program_may_say_more(host):
    assert host.query(READ_LOCK, record={})["verdict"] == "free"


def test_a_program_that_does_not_answer_is_told_with_what_it_said(host):
    with pytest.raises(HostError) as caught:
        host.query(Program("transaction/lock_command", dict, "no-such-step"), record={})
    assert "steps[params.step] is not a function" in caught.value.message


def test_secrets_are_hidden_in_everything_that_is_told(tmp_path):
    heard = Heard()
    host = host_at(tmp_path, heard=heard)
    host.add_secrets([SECRET])
    host.preview(Command(("psql", f"postgres://u:{SECRET}@db")))
    host.info(f"connecting with {SECRET}")
    said = []
    for doing in (
        lambda: host.capture("ls", SECRET),
        lambda: host.query(Program("transaction/lock_command", dict, SECRET), record={}),
        lambda: host.capture("cat", SECRET),
    ):
        with pytest.raises(HostError) as caught:
            doing()
        said.append(caught.value.message)
    assert all(REPLACEMENT in text for text in (heard.commands[0], heard.notes[0], *said[::2]))
    assert SECRET not in "".join((*heard.commands, *heard.notes, *said))


def test_what_only_reads_is_asked_again_when_the_line_drops(tmp_path):
    heard = Heard()
    host = host_at(tmp_path, line=Dropping(1), heard=heard)
    assert host.capture("echo", "here") == "here\n"
    assert heard.notes == ["the connection was lost; reconnecting", "reconnected"]


def test_what_reads_is_not_asked_for_ever(tmp_path):
    line = Dropping(99)
    with pytest.raises(ConnectionLostError, match="the connection to here was lost repeatedly"):
        host_at(tmp_path, line=line).capture("echo", "here")
    assert line.begun == 2


def test_what_changes_something_is_not_done_twice(tmp_path):
    line = Dropping(1)
    with pytest.raises(ConnectionLostError, match="was lost during a short step"):
        host_at(tmp_path, line=line).execute("touch made")
    assert line.begun == 1


def test_a_line_that_may_not_be_mended_is_lost(tmp_path):
    host = host_at(tmp_path, line=Dropping(1), options=Options(reconnect_seconds=0))
    with pytest.raises(ConnectionLostError, match="cannot be restored") as caught:
        host.capture("echo", "here")
    assert caught.value.hint == "fab -H here deploy.follow"


def test_whoever_wants_to_know_is_told_that_a_line_was_mended(tmp_path):
    host, told = host_at(tmp_path, line=Dropping(1)), []
    again = lambda: told.append("again")  # noqa: E731 - the same object is given back
    host.on_reconnect(again)
    host.capture("true")
    host.off_reconnect(again)
    host.reconnect()
    assert told == ["again"]


def test_a_shell_that_greets_is_no_trouble(tmp_path):
    host = host_at(tmp_path, line=Strange("echo 'Hello! \x1e'; echo warning >&2"))
    assert host.capture("echo", "here") == "here\n"
    assert host.query(READ_LOCK, record={})["verdict"] == "free"


def test_an_account_that_cannot_log_in_is_told_with_its_own_words(tmp_path):
    host = host_at(tmp_path, line=Strange("echo 'This account is not available.'; exit 1"))
    with pytest.raises(HostError, match=r"did not run the command: This account is not available"):
        host.capture("echo", "here")


def test_what_a_host_is_told_of_its_app_is_json_on_one_line(host, tmp_path):
    told = host.params({"text": "a\nb", "app": "other"})
    assert told.count(b"\n") == 1
    settings = json.loads(told)
    assert settings["project_dir"] == str(tmp_path)
    assert (settings["app"], settings["text"]) == ("other", "a\nb")


def test_the_words_of_a_command_are_quoted_for_the_person_who_reads_them(host):
    with pytest.raises(HostError) as caught:
        host.capture("ls", *NAMES)
    assert shlex.join(("ls", *NAMES)) in caught.value.message
