"""Fills facts of a host into messages and hints."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from string import Formatter
from typing import NamedTuple

from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.sanitize import one_line

LONGEST_FACT = 400  # characters

_LARGEST = 10**15
# No path with `..`.
_WORD = re.compile(r"(?!(?:.*/)?\.\.(?:/|$))[A-Za-z0-9_.][A-Za-z0-9_.@/-]{0,99}")


class Message(NamedTuple):
    """Message and hint of a code: `{name}` is a text, `{name:d}` a whole number.

    `{name:r}` is the reason found in a program's output. A hint is a command to copy: besides our
    settings it holds only numbers and `{name:w}`, a path without special meaning to a shell.
    """

    sentence: str
    hint: str = ""


def sentence_with(
    text: str, facts: Mapping[str, object], own: Mapping[str, str], hidden: Callable[[str], str]
) -> str | None:
    """Return the message with its facts; None when a fact is missing or invalid."""

    def filled(name: str, form: str) -> str | None:
        if name in own:
            return own[name]
        fact = facts.get(name)
        if form == "d":
            return _number(fact)
        if not isinstance(fact, str):
            return None
        shown = reason_in if form == "r" else one_line
        return shown(hidden(fact))[:LONGEST_FACT]

    sentence = _filled(text, filled)
    return sentence and sentence.rstrip(" :")  # the last fact may be empty


def hint_with(text: str, facts: Mapping[str, object], own: Mapping[str, str]) -> str:
    """Return the command; empty when one of its facts is unsafe in a command."""

    def filled(name: str, form: str) -> str | None:
        if name in own:
            return shlex.quote(own[name])
        return _number(facts.get(name)) if form == "d" else _word(facts.get(name))

    return _filled(text, filled) or ""


def _filled(text: str, filled: Callable[[str, str], str | None]) -> str | None:
    pieces: list[str] = []
    for literal, name, form, _ in Formatter().parse(text):
        value = filled(name, form or "") if name is not None else ""
        if value is None:
            return None
        pieces += (literal, value)
    return "".join(pieces)


def _number(value: object) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST
    return str(value) if whole else None


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None
