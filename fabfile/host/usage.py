"""What was typed wrongly ends with exit code 2, as the contract says; Invoke alone would say 1."""

from __future__ import annotations

from typing import Any

from invoke.exceptions import Exit, ParseError
from invoke.parser import parser


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


def install() -> None:
    """Let Invoke's parser raise it; the one place where we reach into Invoke."""
    setattr(parser, "ParseError", UsageParseError)  # noqa: B010 - Invoke has no hook for it
