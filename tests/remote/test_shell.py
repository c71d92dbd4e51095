import shlex
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from mantodeus_ops.remote.shell import (
    FRAME,
    Command,
    assign_path,
    assign_variable,
    command_text,
    commands_text,
    frame,
    set_positional_args,
)

HOSTILE = (
    "",
    " ",
    "-n",
    "--",
    "a b",
    "it's",
    '"',
    "$HOME",
    "$(exit 9)",
    "`exit 9`",
    "${x:-y}",
    "a\nb",
    "\n",
    "end\n",
    "\\",
    "\\\n",
    "*",
    "~",
    "~root",
    "!!",
    "#x",
    "a=b",
    "x;exit 9",
    "x&",
    "|",
    "<",
    "\t",
    "\r",
    "é漢字😀",
    "\x1b[31m",
    "\x7f",
    "%s%n",
)
TEXT = some.text(some.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
WORDS = some.lists(some.sampled_from(HOSTILE) | TEXT, min_size=1, max_size=6)


few = settings(max_examples=15)  # each example starts a shell


def run(text, **variables):
    """Return how the FRAME ended after it ran this program, and the program's output."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", **variables}
    done = subprocess.run(
        ["/bin/sh", "-c", FRAME], input=frame(text), capture_output=True, env=env, check=False
    )
    return done.returncode, done.stdout.decode()


def printed(words):
    """Return what PRINT prints for these words."""
    return "".join(f"{word}\0" for word in words)


PRINT = ("printf", r"%s\0")


@few
@given(WORDS)
@example(list(HOSTILE))
def test_a_shell_hands_over_every_word_as_it_is(words):
    assert run(command_text(Command((*PRINT, *words)))) == (0, printed(words))


@few
@given(WORDS)
@example(list(HOSTILE))
def test_the_line_that_a_person_sees_does_the_same(words):
    command = Command((*PRINT, *words), env={"NAME": words[0]})
    assert run(command.line()) == (0, printed(words))


@few
@given(WORDS)
@example(list(HOSTILE))
def test_positional_words_arrive_as_they_are(words):
    assert run(f'{set_positional_args(words)}\n{shlex.join(PRINT)} "$@"') == (0, printed(words))


@few
@given(some.sampled_from(HOSTILE) | TEXT)
def test_a_variable_gets_its_value_as_it_is(value):
    assert run(f'{assign_variable("X", value)}\nprintf %s "$X"') == (0, value)


@few
@given(some.sampled_from(HOSTILE) | TEXT)
def test_a_command_gets_its_variables_as_they_are(value):
    command = Command(("printenv", "-0", "X"), env={"X": value, "Y": "y"})
    assert run(command_text(command)) == (0, f"{value}\0")


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
def test_a_command_runs_in_any_folder(tmp_path, name):
    folder = tmp_path / f"f{name}"
    folder.mkdir()
    assert run(command_text(Command(("pwd",), cwd=str(folder)))) == (0, f"{folder}\n")


def test_a_command_does_not_run_where_its_folder_is_missing(tmp_path):
    code, out = run(command_text(Command(("echo", "ran"), cwd=str(tmp_path / "none"))))
    assert (code != 0, out) == (True, "")


def test_a_time_limit_ends_a_command_and_what_it_started():
    text = command_text(Command(("bash", "-c", "sleep 30 & sleep 30"), timeout_seconds=1))
    assert run(text) == (124, "")


def test_commands_are_shown_and_end_at_the_first_that_fails():
    commands = [
        Command(("echo", "a b")),
        Command(("bash", "-c", "exit 7")),
        Command(("echo", "never")),
    ]
    assert run(commands_text(commands)) == (7, "$ echo 'a b'\na b\n$ bash -c 'exit 7'\n")


def test_no_commands_are_no_program():
    assert commands_text([]) == ""


@pytest.mark.parametrize("home", ["/home/me", "/home/a b", "/home/$(exit 9)", "/home/it's"])
@pytest.mark.parametrize("rest", ["bin", "my bin", "$HOME", "`x`", "it's", '"', "~/x", ""])
def test_a_folder_of_the_home_is_found_from_the_home_of_the_host(home, rest):
    text = assign_path("X", (f"~/{rest}", "/opt/~/$x", "/usr/bin"))
    expected = f"{home}/{rest}:/opt/~/$x:/usr/bin"
    assert run(f'{text}\nprintf %s "$X"', HOME=home) == (0, expected)


def test_no_folders_are_an_empty_value():
    assert run(f'{assign_path("X", ())}\nprintf %s "<$X>"') == (0, "<>")


@few
@given(TEXT, some.binary(max_size=50))
def test_a_program_gets_its_own_input_and_not_a_byte_more(comment, data):
    text = f"{assign_variable('X', comment)}\ncat | od -An -v -tx1 | tr -d ' \\n'"
    assert run_with(text, data) == data.hex()


def run_with(text, data):
    """Return what the FRAME prints for this program with this input."""
    done = subprocess.run(
        ["/bin/sh", "-c", FRAME], input=frame(text, data), capture_output=True, check=True
    )
    return done.stdout.decode()


def test_a_program_that_is_cut_on_its_way_runs_none_of_its_lines(tmp_path):
    program = f"touch {tmp_path}/ran\nrm -rf {tmp_path}/keep/inner\ntouch {tmp_path}/late"
    (tmp_path / "keep").mkdir()
    whole = frame(program)
    for size in range(len(whole)):
        subprocess.run(
            ["/bin/sh", "-c", FRAME], input=whole[:size], capture_output=True, check=False
        )
        assert [path.name for path in tmp_path.iterdir()] == ["keep"], whole[:size]
    assert run(program) == (0, "")
    assert (tmp_path / "late").exists()
