"""What a result is made of before it is drawn: rows, grids, and how a task lays them out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card: what it is, what it says, and in which colour."""

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
    """How a task's result looks: a card for one host, a row of columns for one of many."""

    card: Callable[[Data], Iterable[Part]]
    columns: tuple[Column, ...] = ()
    together: Callable[[Data], Iterable[Part]] | None = None  # below the table, of any one host
    quiet: bool = False  # what it has to say was said while it ran
    live: bool = False  # its hosts share a live screen while it runs


def phrase(value: object) -> str:
    """Return any JSON value as words."""
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
        found = (data[key] for key in keys if data.get(key) is not None)
        return next(map(show, found), NOTHING)

    return cell


def rows(*candidates: Row) -> tuple[Row, ...]:
    """Return those rows that say something."""
    return tuple(row for row in candidates if row.text not in {"", NOTHING})


def grid(entries: Iterable[Data], columns: Iterable[Column]) -> Grid:
    """Return the entries as a table, without the columns that nothing stands in."""
    lines = list(entries)
    cells = {title: [cell(entry) for entry in lines] for title, cell in columns}
    filled = {title: column for title, column in cells.items() if set(column) - {"", NOTHING}}
    return Grid(tuple(filled), tuple(zip(*filled.values(), strict=True)))
