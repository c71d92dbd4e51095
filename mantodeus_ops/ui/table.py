"""Tables: columns as wide as their texts, of which only the widest are cut to fit the width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mantodeus_ops.text.sanitize import one_line
from mantodeus_ops.ui.layout import NOTHING, Grid

if TYPE_CHECKING:
    from rich.text import Text

_GAP, _NARROW_GAP = 2, 1  # between two columns, and where they do not fit the width
_SHORT_TITLE = 4  # of which a title is known


def table_lines(grid: Grid, width: int) -> list[list[str]]:
    """Return the padded cells of each line, the titles first."""
    from rich.cells import cell_len  # noqa: PLC0415 - needed by few commands

    cells = [[one_line(cell) or NOTHING for cell in line] for line in grid.rows]
    columns = list(zip(map(one_line, grid.titles), *cells, strict=True))
    titles = [cell_len(column[0]) for column in columns]
    texts = [max(map(cell_len, column[1:]), default=0) for column in columns]
    gap, sizes = _fitting(titles, texts, width)
    both = zip(columns, sizes, strict=True)
    padded = ([_cell(text, size) for text in column] for column, size in both)
    return [_with_gaps(line, gap) for line in zip(*padded, strict=True)]


def coloured(grid: Grid, lines: Sequence[Sequence[str]]) -> Text:
    """Return the lines of this table with dim titles and the tones of its cells."""
    from rich.text import Text  # noqa: PLC0415 - costs 50 ms, needed by few commands

    titles, *others = lines
    table = Text(no_wrap=True, overflow="ellipsis").append("".join(titles), "dim")
    for row, line in zip(grid.rows, others, strict=True):
        table.append("\n")
        for title, text, shown in zip(grid.titles, row, line, strict=True):
            table.append(shown, grid.tone(title, one_line(text)))
    return table


def _with_gaps(cells: Sequence[str], gap: int) -> list[str]:
    return [f"{cell}{' ' * gap}" for cell in cells[:-1]] + [cell.rstrip(" ") for cell in cells[-1:]]


def _fitting(titles: Sequence[int], texts: Sequence[int], width: int) -> tuple[int, list[int]]:
    """Return the gap and the sizes of columns that fit: titles give way first, then long texts."""
    sizes = list(map(max, titles, texts))
    if sum(sizes) + _GAP * (len(sizes) - 1) <= width:
        return _GAP, sizes
    room = width - _NARROW_GAP * (len(sizes) - 1)
    for most in range(max(titles), _SHORT_TITLE - 1, -1):
        sizes = [max(text, min(title, most)) for title, text in zip(titles, texts, strict=True)]
        if sum(sizes) <= room:
            break
    widest = max(sizes)
    while widest > 1 and sum(min(size, widest) for size in sizes) > room:
        widest -= 1
    return _NARROW_GAP, [min(size, widest) for size in sizes]


def _cell(text: str, size: int) -> str:
    from rich.cells import cell_len, set_cell_size  # noqa: PLC0415 - needed by few commands

    cut = cell_len(text) > size
    return f"{set_cell_size(text, size - 1)}…" if cut else set_cell_size(text, size)
