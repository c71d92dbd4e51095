"""The parts of a view: rows, grids, and the view of a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a card: title, text and colour."""

    label: str
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table inside a card; `below` has a line for each row that would not fit into columns."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: tuple[str, ...] = ()
    tones: Mapping[str, Mapping[str, str]] | None = None

    def tone(self, title: str, text: str) -> str:
        """Return the colour of a cell with this text in the column of this title."""
        return (self.tones or {}).get(title, {}).get(text, "")


Part = Row | Grid
Column = tuple[str, Callable[[Data], str]]


@dataclass(frozen=True, slots=True)
class View:
    """The view of a task's result: a card for one host, columns for several."""

    card: Callable[[Data], Iterable[Part]]
    columns: tuple[Column, ...] = ()
    together: Callable[[Data], Iterable[Part]] | None = None  # below the table, of any one host
    quiet: bool = False  # its output was shown while it ran
    live: bool = False  # its hosts share a live screen while it runs


def phrase(value: object) -> str:
    """Return a JSON value as text."""
    if value is None or value in ("", [], (), {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{words(key)} {phrase(item)}" for key, item in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(map(phrase, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def words(key: object) -> str:
    """Return a JSON key as words."""
    return str(key).replace("_", " ")


def field(*keys: str, show: Callable[[object], str] = phrase) -> Callable[[Data], str]:
    """Return what shows the first of these keys that has a value."""

    def cell(data: Data) -> str:
        values = (data[key] for key in keys if data.get(key) is not None)
        return next(map(show, values), NOTHING)

    return cell


def rows(*candidates: Row) -> tuple[Row, ...]:
    """Return the non-empty rows."""
    return tuple(row for row in candidates if row.text not in {"", NOTHING})


def grid(entries: Iterable[Data], columns: Iterable[Column]) -> Grid:
    """Return the entries as a table without its empty columns."""
    lines = list(entries)
    cells = {title: [cell(entry) for entry in lines] for title, cell in columns}
    filled = {title: column for title, column in cells.items() if set(column) - {"", NOTHING}}
    return Grid(tuple(filled), tuple(zip(*filled.values(), strict=True)))
