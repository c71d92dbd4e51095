"""Complaints about a command line, and arguments that Invoke does not know: bare or hidden."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from invoke.exceptions import Exit, ParseError
from invoke.parser.argument import Argument
from invoke.parser.context import ParserContext
from invoke.parser.parser import ParseMachine

from mantodeus_ops.text.sanitize import one_line
from mantodeus_ops.text.suggest import nearest

if TYPE_CHECKING:
    from invoke.vendor.lexicon import Lexicon

_ALIKE = 0.6  # the least; what is further off was not a slip
_MAY_MISS = "may_miss"
_HIDDEN = "hidden"


class UsageParseError(ParseError, Exit):
    """Invoke's parse error, with exit code 2."""

    def __init__(self, msg: str, context: ParserContext | None = None, hint: str = "") -> None:
        ParseError.__init__(self, msg, context)
        self.said = msg
        self.hint = hint
        self.message = ""  # the parser's text is printed already
        self._code = 2

    def __str__(self) -> str:
        """Return the text that Invoke prints: error and hint."""
        name = self.context.name if self.context else None
        page = f"--help {name}" if name else "--list"
        return f"error: {one_line(self.said)}\nhint: {self.hint or f'{_program()} {page}'}"

    @classmethod
    def unknown(cls, kind: str, word: str, names: Iterable[str], typed: str) -> UsageParseError:
        """Return the error for an unknown word, with the nearest name."""
        near = nearest(word, names, _ALIKE)
        hint = f"{_program()} {typed} {near}" if near else ""
        return cls(f"unknown {kind} {word!r}", hint=hint)

    @property
    def code(self) -> int:
        """Return 2."""
        return 2


def _program() -> str:
    return Path(sys.argv[0]).name


def make_bare(argument: Argument) -> None:
    """Let this argument stand without its name, or be missing: Invoke knows only one of the two."""
    argument.positional = True
    argument.default = None
    setattr(argument, _MAY_MISS, True)


def make_hidden(argument: Argument) -> None:
    """Let this argument be seen in the help, and whatever is typed for it be repeated nowhere."""
    make_bare(argument)
    setattr(argument, _HIDDEN, True)


def may_be_missing(argument: Argument) -> bool:
    """Return whether this argument may be left out."""
    return bool(getattr(argument, _MAY_MISS, False))


def is_hidden(argument: Argument) -> bool:
    """Return whether this argument is never typed."""
    return bool(getattr(argument, _HIDDEN, False))


def explained(machine: ParseMachine, token: str, error: UsageParseError) -> UsageParseError:
    """Return the error with the nearest name, without words that may be secrets."""
    if _takes_secrets(machine.context):
        return _refuse_secrets(machine.context)
    if error.said.startswith("No idea what "):
        _name_nearest(machine, token, error)
    return error


def _name_nearest(machine: ParseMachine, token: str, error: UsageParseError) -> None:
    """Raise the error for an unknown token, with the nearest task or option."""
    context = machine.context
    error.said = f"unknown {'option' if token.startswith('-') else 'task'} {token!r}"
    if token.startswith("--") and context and context.name:
        near = nearest(token, context.flags, _ALIKE)
        task = min([context.name, *context.aliases], key=len)
        error.hint = f"{_program()}{_hosts()} {task} {near}" if near else ""
    elif near := nearest(token, names_of(machine.contexts), _ALIKE):
        error.hint = f"{_program()}{_hosts()} {near}"


def names_of(contexts: Lexicon) -> list[str]:
    """Return every name that a task has on the command line, the shortest first."""
    return sorted([*contexts, *contexts.aliases], key=len)


def _hosts() -> str:
    """Return the hosts that were typed, for a hint; hosts with unusual names are left out."""
    match = re.search(r"\0(?:-H|--hosts)[\0=]?([\w,-]+)\0", "\0".join(["", *sys.argv, ""]))
    return f" -H {match[1]}" if match else ""


def _takes_secrets(context: ParserContext | None) -> bool:
    return any(map(is_hidden, context.args.values() if context else ()))


def _refuse_secrets(context: ParserContext) -> UsageParseError:
    """Return the error for words that may be secrets, without repeating them."""
    message = (
        "takes a name and options; a value on the command line is visible to others: not repeated"
    )
    return UsageParseError(f"{context.name} {message}", context)


def is_no_name(machine: ParseMachine, token: str) -> bool:
    """Return whether Invoke would take this for the name: an unknown option, or the next task."""
    flags = machine.context.flags if machine.context else ()
    return token in machine.contexts or (token.startswith("-") and token not in flags)


def fill_missing(context: ParserContext | None) -> None:
    """Set omitted optional arguments to an empty value."""
    for argument in context.missing_positional_args if context else ():
        if may_be_missing(argument):
            argument.value = ""
