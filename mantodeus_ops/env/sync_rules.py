"""What an `.env` gets from its example: the variables that it lacks, and their comments."""

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
    """An `.env` with what it lacked, what that was, and which of it a person must fill in."""

    text: str
    added: tuple[str, ...] = ()
    to_fill: tuple[str, ...] = ()


def with_example(text: str, example: str) -> Sync:
    """Return the text with every variable of the example that it lacks.

    Raise UsageError when others would be read differently with them behind. Defaults come along
    as they are. What is secret, or only says that a value belongs there, comes empty, as a secret
    that the public example holds must not go live.
    """
    lacking = _lacking(text, example)
    if not lacking:
        return Sync(text)
    to_fill = tuple(one.name for one in lacking if _must_be_filled(one))
    lines = [line for one in lacking for line in _lines(example, one, empty=one.name in to_fill)]
    changed = append_lines(text, lines)
    values = {one.name: "" if one.name in to_fill else one.value for one in lacking}
    if parse_dotenv(changed) != parse_dotenv(text) | values:
        message = "with the example's lines behind it, other variables would be read differently"
        raise UsageError(message, "env.check  # names the line to fix")
    return Sync(changed, tuple(values), to_fill)


def first_env(example: str) -> Sync:
    """Return the example as a first `.env`, with every value that must be a real one left empty.

    Raise UsageError when one cannot be emptied without another being read differently.
    """
    last = {one.name: one for one in assignments(example)}
    to_fill = tuple(name for name, one in last.items() if _must_be_filled(one))
    text = example
    for name in to_fill:
        text = set_variable(text, name, "").text
    return Sync(text, tuple(last), to_fill)


def _lacking(text: str, example: str) -> list[Assignment]:
    """Return the example's assignments that count, of the names that the text does not have."""
    known = parse_dotenv(text)
    last = {one.name: one for one in assignments(example)}
    last.pop("__proto__", None)
    return [one for name, one in last.items() if name not in known]


def _must_be_filled(one: Assignment) -> bool:
    return not one.value or is_placeholder(one.value) or is_secret(one.name, one.value)


def _lines(example: str, one: Assignment, *, empty: bool) -> Iterator[str]:
    yield from _comments_above(example, one.begin)
    if empty:
        yield f"# {one.name} needs a real value"
        yield f"{one.name}="
    else:
        yield from _EOL.split(example[one.begin : one.end])


def _comments_above(example: str, begin: int) -> list[str]:
    """Return the comment that stands right above this place."""
    above = _EOL.split(example[:begin])[:-1]
    count = 0
    while count < len(above) and trimmed(above[-1 - count]).startswith("#"):
        count += 1
    return above[len(above) - count :]
