"""What Invoke's parser lacks: exit code 2 for a wrong command line, a name that may be missing."""

from __future__ import annotations

from typing import Any

from invoke.exceptions import Exit, ParseError
from invoke.parser import parser
from invoke.parser.argument import Argument

_MAY_MISS = "may_miss"


class UsageParseError(ParseError, Exit):
    """Invoke's own complaint about a command line, with our exit code."""

    def __init__(self, msg: str, context: Any = None) -> None:
        ParseError.__init__(self, msg, context)
        self.message = ""  # the parser's text is printed already
        self._code = 2

    @property
    def code(self) -> int:
        """Return 2."""
        return 2


def make_bare(argument: Argument) -> None:
    """Let this argument stand without its name, or be missing: Invoke knows only one of the two."""
    argument.positional = True
    argument.default = None
    setattr(argument, _MAY_MISS, True)


def install() -> None:
    """Put both into Invoke's parser; the one place where we reach into Invoke."""
    setattr(parser, "ParseError", UsageParseError)  # noqa: B010 - Invoke has no hook for it
    machine: Any = parser.ParseMachine
    complete = machine.complete_context

    def completed(self: Any) -> None:
        missing = self.context.missing_positional_args if self.context else ()
        for argument in missing:
            if getattr(argument, _MAY_MISS, False):
                argument.value = ""
        complete(self)

    machine.complete_context = completed
