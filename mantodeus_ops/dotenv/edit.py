"""Changes one variable of an `.env` and no other byte, and verifies it by parsing the result.

Spellings of a value are tried until dotenv reads exactly this value and no other variable
changes. The rules are those of Node's dotenv 16 and 17.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mantodeus_ops.dotenv.parse import TRIMMED, Assignment, assignments, parse_dotenv
from mantodeus_ops.errors import UsageError

MOST_CHARACTERS = 1 << 20  # per file: larger files are mistakes, and slow every start

# Values that dotenv, node --env-file, python-dotenv and shells read alike.
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_QUOTES = ("'", '"', "`")


@dataclass(frozen=True, slots=True)
class Edit:
    """An `.env` after a change, and the line numbers of changed or removed assignments."""

    text: str
    lines: tuple[int, ...] = ()


def is_name(name: str) -> bool:
    """Return whether this is a valid name of a variable for all programs."""
    return bool(re.fullmatch(VARIABLE, name))


def typed_in_view(name: str) -> UsageError:
    """Return the error for a value on the command line; it repeats only the name."""
    message = "a value on the command line is visible in ps and kept in the shell's history"
    return UsageError(message, f"env.set {name if is_name(name) else 'NAME'}  # asks for it")


def checked_name(name: str) -> str:
    """Return the name of a variable; raise UsageError, without repeating a possible secret."""
    if "=" in name:
        raise typed_in_view(name.partition("=")[0])
    if not is_name(name) or name == "__proto__":
        message = "not a valid name of a variable: use letters, digits and _, not a digit first"
        raise UsageError(message, "env  # lists the names")
    return name


def set_variable(text: str, name: str, value: str) -> Edit:
    """Return the text with the variable set; raise UsageError if dotenv cannot spell the value.

    Of several assignments the last one, which counts, is changed; a new variable is appended.
    """
    _refuse_unwritable(value)
    mine = [assignment for assignment in assignments(text) if assignment.name == name]
    expected = parse_dotenv(text) | {name: value}
    if mine and mine[-1].value == value:
        return Edit(text)
    for spelled in _spellings(value, _quote_of(text, mine), _eol(text)):
        changed = _replaced(text, mine[-1], spelled) if mine else _added(text, name, spelled)
        if parse_dotenv(changed) == expected:
            return _within_size(Edit(changed, tuple(assignment.line for assignment in mine[-1:])))
    raise _unspeakable(name, value)


def unset_variable(text: str, name: str) -> Edit:
    """Return the text without the variable; raise UsageError if others would change.

    Comments on separate lines stay; comments after a removed value are removed, too.
    """
    expected = parse_dotenv(text)
    expected.pop(name, None)
    mine = [assignment for assignment in assignments(text) if assignment.name == name]
    changed = text
    for assignment in reversed(mine):
        changed = changed[: assignment.begin] + changed[_after_line(changed, assignment.end) :]
    if parse_dotenv(changed) != expected:
        lines = ", ".join(str(assignment.line) for assignment in mine)
        message = f"without {name} (line {lines}) other variables would be read differently"
        raise UsageError(message, "env.check  # names the line to fix")
    return Edit(changed, tuple(assignment.line for assignment in mine))


def append_lines(text: str, lines: Sequence[str]) -> str:
    """Return the text with these lines appended, with its line endings."""
    eol = _eol(text)
    whole = text if not text or text.endswith(("\n", "\r")) else text + eol
    return whole + "".join(f"{line}{eol}" for line in lines)


def _refuse_unwritable(value: str) -> None:
    if "\0" in value:
        raise UsageError("the value holds a NUL character, which a variable cannot hold")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError("the value is not UTF-8 text") from None


def _within_size(edit: Edit) -> Edit:
    if len(edit.text) > MOST_CHARACTERS:
        raise UsageError(f"the file would be longer than {MOST_CHARACTERS} characters")
    return edit


def _spellings(value: str, quote: str, eol: str) -> Iterator[str]:
    """Yield candidate spellings of the value, the best first; the caller tries them."""
    written = value.replace("\n", eol)
    # dotenv knows escapes only in double quotes, and only these two.
    escaped = value.replace("\n", "\\n").replace("\r", "\\r")
    clean = [quote_mark for quote_mark in _QUOTES if quote_mark not in value]
    bare = [""] if _PLAIN.fullmatch(value) or value.endswith("\\") else []
    wished = [quote] if quote in clean else []
    for quote_mark in dict.fromkeys([*wished, *bare, *clean, "", *_QUOTES]):
        yield quote_mark + written + quote_mark
        if '"' in (quote_mark, value[:1] + quote_mark):
            yield quote_mark + escaped + quote_mark


def _quote_of(text: str, mine: Sequence[Assignment]) -> str:
    """Return the quote around the present value; empty when unquoted."""
    raw = text[mine[-1].raw_begin : mine[-1].raw_end].strip(TRIMMED) if mine else ""
    return raw[0] if raw[:1] in _QUOTES and raw.endswith(raw[0]) else ""


def _replaced(text: str, assignment: Assignment, spelled: str) -> str:
    """Return the text with another value; blanks around it and a trailing comment stay."""
    raw = text[assignment.raw_begin : assignment.raw_end]
    before = re.match(r"[ \t]*", raw)
    after = re.search(r"[ \t]*\Z", raw)
    blanks = (before[0] if before else "", after[0] if after and raw.strip(TRIMMED) else "")
    return (
        text[: assignment.raw_begin] + blanks[0] + spelled + blanks[1] + text[assignment.raw_end :]
    )


def _added(text: str, name: str, spelled: str) -> str:
    return append_lines(text, [f"{name}={spelled}"])


def _eol(text: str) -> str:
    """Return the most frequent line ending of the text."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf > text.count("\n") - crlf else "\n"


def _after_line(text: str, end: int) -> int:
    """Return the offset of the next line."""
    match = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)").match(text, end)
    return match.end() if match else end


def _unspeakable(name: str, value: str) -> UsageError:
    """Return the error that says whether the value or the file is the problem."""
    alone = {name: value}
    if any(
        parse_dotenv(f"{name}={spelling}\n") == alone for spelling in _spellings(value, "", "\n")
    ):
        message = f"{name} cannot be changed without other variables being read differently"
        return UsageError(message, "env.check  # names the line to fix")
    why = "it holds all three kinds of quotes and #, or a carriage return beside what it escapes"
    return UsageError(f"dotenv has no spelling for this value of {name}: {why}", "env.check")


VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
