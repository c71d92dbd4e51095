"""The results of one task on its hosts: JSON lines for programs; a card or a table for people."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from itertools import chain, groupby
from typing import TYPE_CHECKING, TextIO

from mantodeus_ops.results import HostResult
from mantodeus_ops.text.format import human_names, human_seconds
from mantodeus_ops.text.sanitize import clean, one_line
from mantodeus_ops.ui.layout import Grid, Part, Row, View, words
from mantodeus_ops.ui.table import coloured, table_lines
from mantodeus_ops.ui.terminal import SafeStream, console, is_terminal, wrapped

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_WIDEST_CARD = 100
_AT_A_GLANCE = 5  # hosts that a person counts without help
_NAMED = 12  # hosts that one line of an error names
_WARNINGS = frozenset({"degraded", "rolled_back", "unchanged"})


def emit(
    results: Sequence[HostResult],
    view: View,
    *,
    as_json: bool,
    stdout: TextIO,
    stderr: TextIO,
    env: Mapping[str, str] = os.environ,
) -> None:
    """Write results to stdout and errors to stderr."""
    if as_json:
        stdout.write("".join(map(json_line, results)))
    else:
        stdout.write(_drawn(results, view, _Page(stdout, env)))
    stdout.flush()
    several = len(results) > 1
    show_errors(results, stderr, named=several)
    if several and not view.quiet:
        SafeStream(stderr if as_json else stdout).write(_tally(results))


def _tally(results: Sequence[HostResult]) -> str:
    """Return how many of how many succeeded; where there are many, what became of the others."""
    good = sum(result.ok for result in results)
    last = f"{good} of {len(results)} succeeded\n"
    if good == len(results) or len(results) <= _AT_A_GLANCE:
        return last
    counted = Counter(_status(result) for result in results)
    return f"{', '.join(f'{count} {status}' for status, count in counted.items())}\n{last}"


def json_line(result: HostResult) -> str:
    """Return the result as one line of JSON, in ASCII and without control characters."""
    text = json.dumps(_plain(result.data()), separators=(",", ":"))
    return text.replace("\x7f", "\\u007f") + "\n"


def show_errors(results: Iterable[HostResult], stderr: TextIO, *, named: bool) -> None:
    """Write one line for each error and one for its hint, with the hosts' names if asked."""
    alike: dict[tuple[str, str], list[str]] = {}
    for result in results:
        if not result.ok:
            task = result.task_result
            alike.setdefault((task.error, task.hint), []).append(result.host)
    for (error, hint), hosts in alike.items():
        show_error(f"{human_names(hosts, _NAMED)}: {error}" if named else error, hint, stderr)


def show_error(message: str, hint: str, stderr: TextIO) -> None:
    """Write the message and its hint, each on one line; a terminal breaks no word of the first."""
    lines = [f"error: {one_line(message)}"]
    if is_terminal(stderr):
        lines = wrapped(lines[0], console(stderr, os.environ).width)
    lines = [*lines, *([f"hint: {one_line(hint)}"] if hint else [])]
    SafeStream(stderr).write("".join(f"{line}\n" for line in lines))


def _plain(value: object) -> object:
    """Return the value made of what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    return value if value is None or isinstance(value, bool | int | str) else str(value)


class _Page:
    """A stream's width and colours, for texts that are laid out before they are written."""

    def __init__(self, stream: TextIO, env: Mapping[str, str]) -> None:
        self._stream = stream
        self._console = console(stream, env)
        self.card_width = min(self._console.width, _WIDEST_CARD) if is_terminal(stream) else None

    def draw(self, part: RenderableType, width: int | None = None) -> str:
        """Return the lines of this part, without blanks at their ends."""
        with self._console.capture() as captured:
            self._console.print(part, width=width)
        return self._written(captured.get().removesuffix("\n").split("\n"))

    def table(self, grid: Grid) -> str:
        """Return the lines of this table; rich takes seconds for the colours of many hosts."""
        lines = table_lines(grid, self._console.width)
        if self._console.color_system:
            return self.draw(coloured(grid, lines))
        return self._written(map("".join, lines))

    def _written(self, lines: Iterable[str]) -> str:
        text = "".join(f"{line.rstrip(' ')}\n" for line in lines)
        encoding = SafeStream(self._stream).encoding
        return text.encode(encoding, "replace").decode(encoding)


def _drawn(results: Sequence[HostResult], view: View, page: _Page) -> str:
    """Return a card for one host, or a table for several; nothing where all was said before."""
    if view.quiet:
        return ""
    if len(results) > 1:
        table = page.table(_overview(results, view))
        return table + _together(results, view, page)
    return "".join(_card(result, view, page) for result in results)


def _together(results: Sequence[HostResult], view: View, page: _Page) -> str:
    """Return the parts that concern all hosts, from the first successful result."""
    data = next((result.data() for result in results if result.ok), None)
    parts = list(view.together(data)) if view.together and data else []
    return "".join(chain.from_iterable(_drawn_parts([part], page) for part in parts))


def _overview(results: Iterable[HostResult], view: View) -> Grid:
    """Return one line for each host, in the given order."""
    lines = [
        (result.host, _status(result), *(cell(result.data()) for _, cell in view.columns))
        for result in results
    ]
    return Grid(("host", "status", *(title for title, _ in view.columns)), tuple(lines))


def _status(result: HostResult) -> str:
    """Return the status in words; dry runs are marked."""
    status = words(one_line(result.task_result.status))
    return "dry run, nothing changed" if result.dry and status == "success" else status


def _card(result: HostResult, view: View, page: _Page) -> str:
    """Return the card of one host; a failure that knows nothing has only its error."""
    if not result.ok and not result.task_result.data:
        return ""
    drawn = [page.draw(_heading(result))]
    for _, group in groupby(view.card(result.data()), key=type):
        drawn += _drawn_parts(list(group), page)
    return "".join(drawn)


def _drawn_parts(parts: Sequence[Part], page: _Page) -> list[str]:
    """Return neighbours of one kind, drawn: rows share their margin, grids stand alone."""
    rows = [part for part in parts if isinstance(part, Row)]
    grids = [_drawn_grid(part, page) for part in parts if isinstance(part, Grid)]
    return [page.draw(_rows(rows), page.card_width), *grids] if rows else grids


def _drawn_grid(grid: Grid, page: _Page) -> str:
    """Return the table, each row with what stands below it."""
    table = page.table(grid)
    if not any(grid.below):
        return table
    titles, *lines = table.removesuffix("\n").split("\n")
    under = page.draw(_below(grid)).removesuffix("\n").split("\n")
    both = zip(lines, under, grid.below, strict=True)
    rows_drawn = (f"{line}\n{note}\n" if text else f"{line}\n" for line, note, text in both)
    return "".join((f"{titles}\n", *rows_drawn))


def _below(grid: Grid) -> Table:
    """Return what stands below the rows, each on one line."""
    from rich.table import Table  # noqa: PLC0415 - costs 50 ms, needed by few commands
    from rich.text import Text  # noqa: PLC0415

    table = Table.grid()
    table.add_column(no_wrap=True, overflow="ellipsis")
    for text in grid.below:
        table.add_row(Text(f"  {one_line(text)}", "dim"))
    return table


def _heading(result: HostResult) -> RenderableType:
    """Return the line that says which host, how it went, and how long it took."""
    from rich.text import Text  # noqa: PLC0415 - costs 50 ms, needed by few commands

    status = result.task_result.status
    tone = "yellow" if status in _WARNINGS else "green" if result.ok else "red"
    took = human_seconds(result.seconds)
    host = (one_line(result.host), "bold")
    return Text.assemble(("● ", tone), host, "  ", (_status(result), tone), "  ", (took, "dim"))


def _rows(parts: Iterable[Row]) -> Table:
    """Return the rows with their texts under each other."""
    from rich.table import Table  # noqa: PLC0415 - costs 50 ms, needed by few commands
    from rich.text import Text  # noqa: PLC0415

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in parts:
        table.add_row(Text(f"  {one_line(row.label)}", "dim"), Text(clean(row.text), row.tone))
    return table
