"""How the results look: rich tables for people, one object for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .samples import Numbers, Row

WIDTH = 140
VERDICTS = {
    True: Text("met", "green"),
    False: Text("missed", "bold red"),
    None: Text("not held", "dim"),
}


def values_text(values: Numbers, unit: str) -> str:
    """Return the median and, in brackets, the least and the most of several values."""
    if not values:
        return ""
    shape = "{:.2f}" if unit == "s" else "{:.0f}"
    middle, low, high = (
        shape.format(value) for value in (median(values), min(values), max(values))
    )
    spread = f" ({low}-{high})" if low != high else ""
    return f"{middle} {unit}{spread}"


def ratio_text(ratio: float | None) -> str:
    """Return the ratio, with more digits the smaller it is; empty when there is none."""
    if ratio is None:
        return ""
    return f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}"  # noqa: PLR2004 - one digit says little below


def main_table(groups: Iterable[Iterable[Row]]) -> Table:
    """Return the table of ours against the plain way, a line between two groups."""
    table = Table(title="median (least-most)", title_justify="left")
    for name in ("what", "ours", "plain", "ratio", "bar", ""):
        table.add_column(name, justify="right" if name == "ratio" else "left", no_wrap=True)
    for group in groups:
        for row in group:
            table.add_row(*_cells(row))
        table.add_section()
    return table


def _cells(row: Row) -> tuple[str | Text, ...]:
    ours, plain = values_text(row.ours, row.unit), values_text(row.plain, row.unit)
    bar = row.bar.text if row.bar else ""
    verdict = VERDICTS[row.met] if row.bar else Text()
    return row.what, ours, plain, ratio_text(row.ratio), bar, verdict


def steps_table(rows: Iterable[Row]) -> Table:
    """Return the table of where a deploy's time goes."""
    table = Table("step", "seconds", title="our deploy, step by step", title_justify="left")
    for row in rows:
        table.add_row(row.what, values_text(row.ours, row.unit))
    return table


def show(about: Mapping[str, Any], groups: Iterable[Iterable[Row]], steps: Sequence[Row]) -> None:
    """Print what was measured on what, then both tables."""
    console = Console(stderr=True)
    if not console.is_terminal:
        console = Console(stderr=True, width=WIDTH)
    for name, value in about.items():
        console.print(f"{name:9} {value}", highlight=False)
    console.print(main_table(groups))
    if steps:
        console.print(steps_table(steps))
