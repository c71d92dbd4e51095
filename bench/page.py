"""The page that docs/ keeps of a whole measurement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .limits import limit
from .samples import Row
from .table import ratio_text, values_text

VERDICTS = {True: "met", False: "**missed**", None: ""}
HEAD = Path(__file__).with_name("page.md")


def page(about: Mapping[str, Any], groups: Iterable[Iterable[Row]], steps: Iterable[Row]) -> str:
    """Return the page in Markdown."""
    machine = "".join(f"| {name} | {value} |\n" for name, value in about.items())
    found = "".join(_line(row) for group in groups for row in group)
    taken = "".join(f"| {row.what} | {values_text(row.ours, row.unit)} |\n" for row in steps)
    return f"""\
{HEAD.read_text()}
| measured on | |
|---|---|
{machine}
| what | ours | theirs | ratio | bar | | what limits it |
|---|---|---|---|---|---|---|
{found}
| step of our deploy | seconds |
|---|---|
{taken}"""


def _line(row: Row) -> str:
    values = values_text(row.ours, row.unit), values_text(row.plain, row.unit)
    bar = row.bar.text if row.bar else ""
    cells = (row.what.strip(), *values, ratio_text(row.ratio), bar, VERDICTS[row.met], limit(row))
    return f"| {' | '.join(cells)} |\n"
