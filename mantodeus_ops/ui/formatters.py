"""Formats values for cells of cards and tables."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from mantodeus_ops.text.format import human_bytes, human_seconds, human_time, short
from mantodeus_ops.ui.layout import NOTHING, Column, Data, field, phrase


def as_bytes(value: object) -> str:
    """Return an amount of bytes."""
    return human_bytes(value) if isinstance(value, int | float) else phrase(value)


def as_seconds(value: object) -> str:
    """Return a duration."""
    return human_seconds(value) if isinstance(value, int | float) else phrase(value)


def as_moment(value: object) -> str:
    """Return a point in time."""
    return human_time(value) if isinstance(value, int | float) else phrase(value)


def as_revision(value: object) -> str:
    """Return a revision, shortened."""
    return short(phrase(value))


def as_count(value: object) -> str:
    """Return how many there are."""
    return str(len(value)) if isinstance(value, list | tuple) else phrase(value)


def as_names(value: object) -> str:
    """Return names on one line."""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else phrase(value)


def joined(*parts: str) -> str:
    """Return the non-empty parts, joined with commas."""
    return ", ".join(part for part in parts if part not in {"", NOTHING})


def labelled(label: str, text: str) -> str:
    """Return the label and the text; empty without a text."""
    return "" if text in {"", NOTHING} else f"{label} {text}"


def newest(key: str, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the columns for the first entry under a key, which is the newest."""

    def of_newest(cell: Callable[[Data], str]) -> Callable[[Data], str]:
        return lambda data: next(map(cell, data.get(key) or ()), NOTHING)

    cells = ((title, of_newest(cell)) for title, cell in columns)
    return tuple(chain([(key, field(key, show=as_count))], cells))
