"""What a stream can show, and what is written to it."""

import io

import pytest

from mantodeus_ops.ui.terminal import (
    SafeStream,
    answer,
    console,
    has_colour,
    has_live_lines,
    is_terminal,
    turning,
    wrapped,
)
from tests.support.streams import AsciiTerminal, GonePipe, Terminal


@pytest.mark.parametrize(
    ("stream", "env", "colour", "live"),
    [
        (Terminal(), {}, True, True),
        (Terminal(), {"TERM": "dumb"}, False, False),
        (Terminal(), {"NO_COLOR": "1"}, False, True),
        (Terminal(), {"CI": "true"}, True, False),
        (io.StringIO(), {}, False, False),
    ],
)
def test_a_stream_shows_what_its_environment_wants(stream, env, colour, live):
    assert (has_colour(stream, env), has_live_lines(stream, env)) == (colour, live)


def test_a_stream_that_was_closed_is_no_terminal():
    stream = Terminal()
    assert is_terminal(stream)
    stream.close()
    assert not is_terminal(stream)


def test_a_text_is_written_clean_and_as_far_as_the_encoding_goes():
    out, old = Terminal(), AsciiTerminal()
    text = "a\x1b[2Jb é\n"
    assert SafeStream(out).write(text) == SafeStream(old).write(text) == len(text)
    assert "\x1b" not in out.getvalue()
    assert (out.getvalue()[-2:], old.getvalue()[-2:]) == ("é\n", "?\n")
    assert SafeStream(out).isatty()
    assert not SafeStream(io.StringIO()).isatty()


@pytest.mark.parametrize("stream", [GonePipe(), Terminal()])
def test_a_stream_that_takes_nothing_raises_nothing(stream):
    stream.close()
    assert SafeStream(stream).write("text") == 4


@pytest.mark.parametrize(("columns", "width"), [("80", 80), ("0", None), ("wide", None)])
def test_only_a_terminal_has_a_width(columns, width):
    env = {"COLUMNS": columns, "TERM": "xterm"}
    assert console(io.StringIO(), env).width >= 10_000
    assert width is None or console(Terminal(), env).width == width


def test_an_answer_is_a_line_of_a_terminal_and_the_question_is_one_line():
    out, typed = io.StringIO(), Terminal("yes\nmore\n")
    assert answer(out, "Go on?\nReally?\x1b[2J", typed) == "yes"
    assert out.getvalue().count("\n") == 0
    assert "\x1b" not in out.getvalue()
    assert answer(out, "Go on?", io.StringIO("yes\n")) == ""


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, ValueError])
def test_no_answer_is_none(error):
    class Ended(Terminal):
        def readline(self):
            raise error

    assert answer(io.StringIO(), "Go on?", Ended()) == ""


def test_a_line_breaks_between_words_and_cuts_none():
    assert wrapped("fab -H web1 status", 8) == ["fab -H", "web1", "status"]
    assert wrapped("x" * 20, 8) == ["x" * 20]
    assert wrapped("", 8) == [""]


def test_a_mark_turns_as_time_goes_on():
    frames = [turning(tick / 8) for tick in range(10)]
    assert len(set(frames)) == 10
    assert turning(10 / 8) == frames[0]
