r"""What the app reads from its `.env`: the `parse` of Node's dotenv 16 and 17, to the letter.

JavaScript and Python differ in what `\s`, `^`, `$`, `.` and `trim` mean; that difference is
all there is in this module, so that what we show and check is what the app will see.
"""

from __future__ import annotations

import re

_ENDS = "\n\r\u2028\u2029"
_SPACES = "\t\v\f \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff" + _ENDS
_TRIMMED = "".join(map(chr, range(0x2000, 0x200B))) + _SPACES.replace("\u2000-\u200a", "")
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


def parse_dotenv(text: str) -> dict[str, str]:
    """Return what Node's `dotenv.parse` returns for this text; what it ignores is ignored."""
    found = dict(assignments(text))
    # In JavaScript, an assignment to this name sets no property.
    found.pop("__proto__", None)
    return found


def assignments(text: str) -> list[tuple[str, str]]:
    """Return every assignment in the order of the file, one that a later one replaces too."""
    return [(match[1], _value(match[2])) for match in LINE.finditer(_EOL.sub("\n", text))]


def _value(raw: str) -> str:
    """Return the value that dotenv makes of the text after the separator."""
    trimmed = raw.strip(_TRIMMED)
    value = _QUOTED.sub(r"\2", trimmed)
    if trimmed.startswith('"'):
        return value.replace("\\n", "\n").replace("\\r", "\r")
    return value
