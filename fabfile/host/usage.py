"""What Invoke's parser lacks: exit code 2 for a wrong command line, a name that may be missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from invoke.exceptions import Exit, ParseError
from invoke.parser import parser
from invoke.parser.argument import Argument

_MAY_MISS = "may_miss"
_HIDDEN = "hidden"


class UsageParseError(ParseError, Exit):
    """Invoke's own complaint about a command line, with our exit code."""

    def __init__(self, msg: str, context: Any = None) -> None:
        ParseError.__init__(self, msg, context)
        self.said = msg
        self.message = ""  # the parser's text is printed already
        self._code = 2

    def __str__(self) -> str:
        """Return what Invoke prints: the complaint, and what to type."""
        name = self.context.name if self.context else None
        program = Path(sys.argv[0]).name
        hint = f"{program} --help {name}" if name else f"{program} --list"
        return f"error: {self.said}\nhint: {hint}"

    @property
    def code(self) -> int:
        """Return 2."""
        return 2


def make_bare(argument: Argument) -> None:
    """Let this argument stand without its name, or be missing: Invoke knows only one of the two."""
    argument.positional = True
    argument.default = None
    setattr(argument, _MAY_MISS, True)


def make_hidden(argument: Argument) -> None:
    """Let this argument be seen in the help, and whatever is typed for it be repeated nowhere."""
    make_bare(argument)
    setattr(argument, _HIDDEN, True)


def install() -> None:
    """Put both into Invoke's parser; the one place where we reach into Invoke."""
    setattr(parser, "ParseError", UsageParseError)  # noqa: B010 - Invoke has no hook for it
    machine: Any = parser.ParseMachine
    complete, handle = machine.complete_context, machine.handle

    def completed(self: Any) -> None:
        _pass_over_missing(self.context)
        complete(self)

    def handled(self: Any, token: str) -> None:
        if not self.waiting_for_flag_value and _is_no_name(self, token):
            _pass_over_missing(self.context)
        try:
            handle(self, token)
        except ParseError:
            if _takes_secrets(self.context):
                raise _refused(self.context) from None
            raise

    machine.complete_context, machine.handle = completed, handled


def _takes_secrets(context: Any) -> bool:
    return any(getattr(one, _HIDDEN, False) for one in (context.args.values() if context else ()))


def _refused(context: Any) -> UsageParseError:
    """Return the complaint about words that may be a secret: none of them is repeated."""
    message = (
        "takes a name and options; a value on the command line is seen by others: not repeated"
    )
    return UsageParseError(f"{context.name} {message}", context)


def _is_no_name(machine: Any, token: str) -> bool:
    """Return whether Invoke would take this for the name: an unknown option, or the next task."""
    known = machine.context.flags if machine.context else ()
    return token in machine.contexts or (token.startswith("-") and token not in known)


def _pass_over_missing(context: Any) -> None:
    for argument in context.missing_positional_args if context else ():
        if getattr(argument, _MAY_MISS, False):
            argument.value = ""
