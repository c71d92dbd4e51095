r"""What the app reads from its `.env`: the `parse` of Node's dotenv 16 and 17, to the letter.

JavaScript and Python differ in what `\s`, `^`, `$`, `.` and `trim` mean; that difference is
all there is in this module, so that what we show and check is what the app will see.
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
    """One assignment: what it says, and where in the text it stands, as offsets."""

    name: str
    value: str
    line: int  # the line of the name, the first being 1
    begin: int  # where that line begins
    raw_begin: int  # what is spelled after the separator, blanks around it included
    raw_end: int
    end: int  # where the line of the value's end is over, the line end itself not included


def parse_dotenv(text: str) -> dict[str, str]:
    """Return what Node's `dotenv.parse` returns for this text; what it ignores is ignored."""
    found = {match[1]: _value(match[2]) for match in LINE.finditer(_EOL.sub("\n", text))}
    # In JavaScript, an assignment to this name sets no property.
    found.pop("__proto__", None)
    return found


def assignments(text: str) -> list[Assignment]:
    """Return every assignment that dotenv reads, in the order of the text; the last counts."""
    lines = _EOL.sub("\n", text)
    # Where a CR went, everything behind it has moved by one.
    gone = [match.start() - index for index, match in enumerate(re.finditer("\r\n", text))]
    return [_assignment(lines, gone, match) for match in LINE.finditer(lines)]


def _assignment(lines: str, gone: Sequence[int], match: re.Match[str]) -> Assignment:
    begin = lines.rfind("\n", 0, match.start(1)) + 1
    # The match itself may go on over blank lines and a comment below.
    end = lines.find("\n", match.end(2))
    places = (begin, match.start(2), match.end(2), end if end >= 0 else len(lines))
    return Assignment(
        match[1],
        _value(match[2]),
        lines.count("\n", 0, begin) + 1,
        *(place + bisect_left(gone, place) for place in places),
    )


def _value(raw: str) -> str:
    """Return the value that dotenv makes of the text after the separator."""
    trimmed = raw.strip(TRIMMED)
    value = _QUOTED.sub(r"\2", trimmed)
    if trimmed.startswith('"'):
        return value.replace("\\n", "\n").replace("\\r", "\r")
    return value
