"""Lays out `--list` and `--help` to a width."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

from mantodeus_ops.text.sanitize import text_lines, trimmed

Pair = tuple[str, str]
Group = tuple[str, Sequence[Pair]]

_MARGIN, _GAP = "  ", "  "
_SAYS_ENOUGH = 24  # columns; less before a colon is only half of what a task does
_LEAST = 20  # columns of text beside a name, however narrow the page
_OVER_SSH = re.compile(r"fab -H [\w,-]+")


def listing(groups: Sequence[Group], width: int) -> str:
    """Return the groups with their tasks, each task on a line of at most `width` columns."""
    wide = max((len(name) for _, tasks in groups for name, _ in tasks), default=0)
    room = max(_LEAST, width - len(_MARGIN) - wide - len(_GAP))
    blocks = [
        "\n".join(
            [
                title,
                *(f"{_MARGIN}{name:<{wide}}{_GAP}{shorten(text, room)}" for name, text in tasks),
            ]
        )
        for title, tasks in groups
    ]
    return "\n\n".join(blocks) + "\n"


def shorten(text: str, room: int) -> str:
    """Return as many whole clauses of the sentence as fit."""
    text = text.removesuffix(".")
    if len(text) <= room:
        return text
    for marks, least in (("[:;] ", _SAYS_ENOUGH), ("[:;,] ", 0)):
        ends = [end.start() for end in re.finditer(marks, text)]
        if fits := [end for end in ends if least <= end <= room]:
            return text[: fits[-1]]
    return f"{text[: room - 1].rstrip(' ')}…"


def columns(pairs: Sequence[Pair], width: int) -> list[str]:
    """Return names and texts beside each other; a long text goes on under its beginning."""
    wide = max((len(name) for name, _ in pairs), default=0)
    room = max(_LEAST, width - len(_MARGIN) - wide - len(_GAP))
    lines: list[str] = []
    for name, text in pairs:
        first, *rest = textwrap.wrap(text, room) or [""]
        lines.append(f"{_MARGIN}{name:<{wide}}{_GAP}{first}".rstrip(" "))
        lines += [f"{' ' * (len(_MARGIN) + wide + len(_GAP))}{line}" for line in rest]
    return lines


def paragraph(text: str, width: int) -> list[str]:
    """Return the text in lines of at most this width, set in like all others."""
    return textwrap.wrap(text, width, initial_indent=_MARGIN, subsequent_indent=_MARGIN)


def examples(doc: str, program: str) -> list[str]:
    """Return the commands below the first line of a docstring, as they are typed at this door.

    They stand there as `fab -H NAME …  # remark`; a door that takes no hosts has its own in place.
    """
    _, _, body = trimmed(doc).partition("\n")
    lines = list(map(trimmed, text_lines(body)))
    return lines if " -H " in program else [_OVER_SSH.sub(program, line) for line in lines]


def with_remarks(lines: Iterable[str]) -> list[str]:
    """Return commands with their remarks under each other."""
    parts = [
        (command.rstrip(" "), remark)
        for command, _, remark in (line.partition("  # ") for line in lines)
    ]
    wide = max((len(command) for command, remark in parts if remark), default=0)
    return [f"{command:<{wide}}  # {remark}" if remark else command for command, remark in parts]
