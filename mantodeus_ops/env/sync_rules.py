"""Adds the variables that an `.env` lacks from its example, with their comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mantodeus_ops.dotenv.edit import append_lines, set_variable
from mantodeus_ops.dotenv.parse import Assignment, assignments, parse_dotenv
from mantodeus_ops.env.variables import is_placeholder
from mantodeus_ops.errors import UsageError
from mantodeus_ops.redaction.secret_rules import is_secret
from mantodeus_ops.text.sanitize import trimmed

_EOL = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Sync:
    """An `.env` after a sync, the added names, and those that must be filled in."""

    text: str
    added: tuple[str, ...] = ()
    to_fill: tuple[str, ...] = ()


def with_example(text: str, example: str) -> Sync:
    """Return the text with all variables of the example that it lacks.

    Raise UsageError when others would be read differently with them behind. Defaults come along
    as they are. What is secret, or only says that a value belongs there, comes empty, as a secret
    that the public example holds must not go live.
    """
    lacking = _lacking(text, example)
    if not lacking:
        return Sync(text)
    to_fill = tuple(assignment.name for assignment in lacking if _must_be_filled(assignment))
    lines = [
        line
        for assignment in lacking
        for line in _lines(example, assignment, empty=assignment.name in to_fill)
    ]
    changed = append_lines(text, lines)
    values = {
        assignment.name: "" if assignment.name in to_fill else assignment.value
        for assignment in lacking
    }
    if parse_dotenv(changed) != parse_dotenv(text) | values:
        message = "with the example's lines behind it, other variables would be read differently"
        raise UsageError(message, "env.check  # names the line to fix")
    return Sync(changed, tuple(values), to_fill)


def first_env(example: str) -> Sync:
    """Return the example as a first `.env`, without the values that must be filled in.

    Raise UsageError when one cannot be emptied without another being read differently.
    """
    last = {assignment.name: assignment for assignment in assignments(example)}
    to_fill = tuple(name for name, assignment in last.items() if _must_be_filled(assignment))
    text = example
    for name in to_fill:
        text = set_variable(text, name, "").text
    return Sync(text, tuple(last), to_fill)


def _lacking(text: str, example: str) -> list[Assignment]:
    """Return the effective assignments of the example whose names the text lacks."""
    present = parse_dotenv(text)
    last = {assignment.name: assignment for assignment in assignments(example)}
    last.pop("__proto__", None)
    return [assignment for name, assignment in last.items() if name not in present]


def _must_be_filled(assignment: Assignment) -> bool:
    return (
        not assignment.value
        or is_placeholder(assignment.value)
        or is_secret(assignment.name, assignment.value)
    )


def _lines(example: str, assignment: Assignment, *, empty: bool) -> Iterator[str]:
    yield from _comments_above(example, assignment.begin)
    if empty:
        yield f"# {assignment.name} needs a real value"
        yield f"{assignment.name}="
    else:
        yield from _EOL.split(example[assignment.begin : assignment.end])


def _comments_above(example: str, begin: int) -> list[str]:
    """Return the comment directly above this offset."""
    above = _EOL.split(example[:begin])[:-1]
    count = 0
    while count < len(above) and trimmed(above[-1 - count]).startswith("#"):
        count += 1
    return above[len(above) - count :]
