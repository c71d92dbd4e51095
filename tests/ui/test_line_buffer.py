import pytest

from mantodeus_ops.ui.line_buffer import LineBuffer


@pytest.mark.parametrize(
    ("pieces", "lines", "current"),
    [
        (["a\nb\n"], ["a", "b"], ""),
        (["a", "b\nc"], ["ab"], "c"),
        (["a\r", "\nb\r\n"], ["a", "b"], ""),
        (["10%\r20%", "\r30%"], [], "30%"),
        (["10%\r20%\r\n"], ["20%"], ""),
        (["\x1b[3", "1mred\x1b[0m\n"], ["red"], ""),
        (["\n\n"], ["", ""], ""),
    ],
)
def test_cuts_pieces_into_the_lines_that_were_seen(pieces, lines, current):
    cutter = LineBuffer()
    assert [line for piece in pieces for line in cutter.feed(piece)] == lines
    assert cutter.current == current
    assert cutter.close() == ([current] if current else [])
    assert cutter.close() == []


def test_a_line_that_never_ends_does_not_fill_the_memory():
    cutter = LineBuffer()
    shown = [line for _ in range(100) for line in cutter.feed("x" * 1_000)]
    assert sum(map(len, shown)) + len(cutter.current) == 100_000
    assert len(cutter.current) <= 8_192
    for _ in range(100):
        assert cutter.feed("y" * 500 + "\r") in ([], ["x" * len(cutter.current)])
    assert cutter.current == "y" * 500
