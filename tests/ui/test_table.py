"""Tables: as wide as their texts, and cut only where they must be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mantodeus_ops.ui.layout import Grid
from mantodeus_ops.ui.print_results import _Page
from mantodeus_ops.ui.table import coloured, table_lines
from tests.support.streams import Terminal

CELLS = st.lists(st.text(max_size=12), min_size=3, max_size=3).map(tuple)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def table(grid, **env):
    """Return the table as a terminal of 80 columns shows it."""
    return _Page(Terminal(), {"COLUMNS": "80", **env}).table(grid)


@given(titles=CELLS, rows=st.lists(CELLS, max_size=4))
def test_a_table_without_colours_is_aligned_as_one_with_colours_is(titles, rows):
    grid = Grid(titles, tuple(rows), tones={title: {"x": "red"} for title in titles})
    shown = [line.rstrip(" ") for line in COLOURS.sub("", table(grid)).split("\n")]
    assert shown == table(grid, NO_COLOR="1").split("\n")


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}])
def test_of_a_table_that_is_too_wide_only_the_widest_columns_are_cut(env):
    grid = Grid(
        ("host", "health", "commit", "note"),
        (("web2", "unhealthy", "c0ffee1", "漢" * 40), ("web1", "healthy", "c0ffee1", "x" * 90)),
    )
    titles, first, second = COLOURS.sub("", table(grid, **env)).splitlines()
    assert titles == "host health    commit  note"
    assert re.fullmatch("web2 unhealthy c0ffee1 漢{28} ?…", first)
    assert second == f"web1 healthy   c0ffee1 {'x' * 56}…"
    assert len(second) == 80


def test_titles_are_cut_before_the_texts_below_them():
    grid = Grid(("restarts", "behind", "note"), (("3", "1", "x" * 68),))
    assert table(grid).splitlines() == [
        "\x1b[2mrest… behi… note\x1b[0m",
        f"3     1     {'x' * 68}",
    ]


@given(titles=CELLS, rows=st.lists(CELLS, max_size=4), width=st.integers(20, 200))
def test_cells_of_a_column_are_as_wide_as_each_other(titles, rows, width):
    grid = Grid(titles, tuple(rows))
    lines = table_lines(grid, width)
    assert [len(line) for line in lines] == [3] * (len(rows) + 1)
    for column in list(zip(*lines, strict=True))[:-1]:
        assert len({cell_len(cell) for cell in column}) == 1


def test_an_empty_cell_is_a_dash_and_a_cell_has_its_tone():
    grid = Grid(
        ("host", "health"), (("web1", ""), ("web2", "ill")), tones={"health": {"ill": "red"}}
    )
    lines = table_lines(grid, 80)
    assert lines == [["host  ", "health"], ["web1  ", "-"], ["web2  ", "ill"]]
    spans = [
        (text.plain[span.start : span.end], span.style)
        for text in [coloured(grid, lines)]
        for span in text.spans
    ]
    assert ("ill", "red") in spans
    assert ("host  health", "dim") in spans
