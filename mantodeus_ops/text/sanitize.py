"""Texts from outside, made harmless for a terminal, a log and a table."""

from __future__ import annotations

import re

# Whole escape sequences first, so that no `[31m` remains; then other control characters.
_OBEYED = re.compile(
    r"""
      (?: \x1b\[ | \x9b ) [0-?]* [ -/]* [@-~]                        # CSI: colours, cursor
    | (?: \x1b[\]PX^_] | [\x9d\x90\x98\x9e\x9f] )                     # OSC, DCS and their kind,
      [^\x00-\x1f\x7f-\x9f]* (?: \x07 | \x1b\\ | \x9c )              # when they end
    | \x1b [ -/]+ [0-~] | \x1b [0-Z\\^-~]                             # two or three characters
    | [\x00-\x08\x0b-\x1f\x7f-\x9f]                                   # C0 but \n and \t, DEL, C1
    | [\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]                  # text direction
    """,
    re.VERBOSE,
)
# Lines end at \n only; other line separators become blanks.
_ENDS_ELSEWHERE = re.compile("[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
BLANKS = " \t\r\n"
_BLANK = re.compile("[ \t\r\n]+")
_UNWRITABLE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    r"""Return the text without terminal control characters, except \n and \t."""
    if text.isascii() and text.isprintable():
        return text  # the usual case, at a tenth of the cost
    whole = _OBEYED.sub("", _ENDS_ELSEWHERE.sub(" ", text.replace("\r\n", "\n")))
    return _UNWRITABLE.sub("\ufffd", whole)


def one_line(text: str) -> str:
    """Return the clean text with every run of white space as one space."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return " ".join(clean(text).split())


def trimmed(text: str) -> str:
    r"""Return the text without the blanks around it: spaces, tabs, \r and \n."""
    return text.strip(BLANKS)


def fields(text: str, most: int = 0) -> list[str]:
    """Split the text at blanks, into at most `most` fields; the last one keeps its blanks."""
    return [field for field in _BLANK.split(trimmed(text), max(0, most - 1)) if field]


def text_lines(text: str) -> list[str]:
    r"""Return the lines of the text, without trailing blanks and without empty lines."""
    return [line.rstrip(BLANKS) for line in text.split("\n") if line.strip(BLANKS)]
