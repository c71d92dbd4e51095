r"""Parses an `.env` exactly as Node's dotenv 16 and 17 do.

JavaScript and Python differ in the meaning of `\s`, `^`, `$`, `.` and `trim`; this module
accounts for that, so checks see the values that the app will see.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

_ENDS = "\n\r\u2028\u2029"
_SPACES = "\t\v\f \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff" + _ENDS
TRIMMED = "".join(map(chr, range(0x2000, 0x200B))) + _SPACES.replace("\u2000-\u200a", "")
_S = f"[{_SPACES}]"
_BEGIN = f"(?<![^{_ENDS}])"
_END = f"(?![^{_ENDS}])"

LINE = re.compile(
    rf"{_BEGIN}{_S}*(?:export{_S}+)?([A-Za-z0-9_.-]+)(?:{_S}*={_S}*?|:{_S}+?)"
    rf"({_S}*'(?:\\'|[^'])*'|{_S}*\"(?:\\\"|[^\"])*\"|{_S}*`(?:\\`|[^`])*`|[^#\r\n]+|)"
    rf"{_S}*(?:#[^{_ENDS}]*)?{_END}"
)
_QUOTED = re.compile(rf"{_BEGIN}(['\"`])([\s\S]*)\1{_END}")
_EOL = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment: its name and value, and its offsets in the text."""

    name: str
    value: str
    line: int  # line number of the name, from 1
    begin: int  # offset of that line
    raw_begin: int  # the text after the separator, with the blanks around it
    raw_end: int
    end: int  # end of the value's last line, without the line ending


def parse_dotenv(text: str) -> dict[str, str]:
    """Return the variables that Node's `dotenv.parse` returns for this text."""
    variables = {match[1]: _value(match[2]) for match in LINE.finditer(_EOL.sub("\n", text))}
    # In JavaScript, assigning to this name sets no property.
    variables.pop("__proto__", None)
    return variables


def assignments(text: str) -> list[Assignment]:
    """Return all assignments that dotenv reads, in the order of the text; the last one counts."""
    lines = _EOL.sub("\n", text)
    # Each removed CR shifts the later offsets by one.
    removed = [match.start() - index for index, match in enumerate(re.finditer("\r\n", text))]
    return [_assignment(lines, removed, match) for match in LINE.finditer(lines)]


def _assignment(lines: str, removed: Sequence[int], match: re.Match[str]) -> Assignment:
    begin = lines.rfind("\n", 0, match.start(1)) + 1
    # The match may extend over blank lines and a comment below.
    end = lines.find("\n", match.end(2))
    offsets = (begin, match.start(2), match.end(2), end if end >= 0 else len(lines))
    return Assignment(
        match[1],
        _value(match[2]),
        lines.count("\n", 0, begin) + 1,
        *(offset + bisect_left(removed, offset) for offset in offsets),
    )


def _value(raw: str) -> str:
    """Return the value that dotenv reads from the text after the separator."""
    trimmed = raw.strip(TRIMMED)
    value = _QUOTED.sub(r"\2", trimmed)
    if trimmed.startswith('"'):
        return value.replace("\\n", "\n").replace("\\r", "\r")
    return value
