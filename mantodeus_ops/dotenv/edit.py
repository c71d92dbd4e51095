"""Changes one variable of an `.env` and no other byte; every change is read back as dotenv would.

Which spelling a value gets is decided by trying: what the app will read must be the value, and
every other variable must stay what it was. The rules are Node's dotenv 16 and 17.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mantodeus_ops.dotenv.parse import TRIMMED, Assignment, assignments, parse_dotenv
from mantodeus_ops.errors import UsageError

MOST_CHARACTERS = 1 << 20  # of a whole file: more is a mistake, and would slow every start

# What dotenv, node --env-file, python-dotenv and a shell that sources the file read alike.
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_QUOTES = ("'", '"', "`")


@dataclass(frozen=True, slots=True)
class Edit:
    """An `.env` after a change, and the lines of the assignments that were changed or removed."""

    text: str
    lines: tuple[int, ...] = ()


def is_name(name: str) -> bool:
    """Return whether every program takes this for the name of a variable."""
    return bool(re.fullmatch(VARIABLE, name))


def typed_in_view(name: str) -> UsageError:
    """Return the refusal of a value on the command line; it repeats no more than a name."""
    message = "a value on the command line is seen by ps and kept in the shell's history"
    return UsageError(message, f"env.set {name if is_name(name) else 'NAME'}  # asks for it")


def checked_name(name: str) -> str:
    """Return the name of a variable; raise UsageError, without repeating what may be a secret."""
    if "=" in name:
        raise typed_in_view(name.partition("=")[0])
    if not is_name(name) or name == "__proto__":
        message = "that is no name of a variable: letters, digits and _, not beginning with a digit"
        raise UsageError(message, "env  # lists the names")
    return name


def set_variable(text: str, name: str, value: str) -> Edit:
    """Return the text in which dotenv reads this value for the name; raise UsageError if none is.

    Of several assignments the last is changed, as it is the one that counts; a new one is added
    at the end.
    """
    _refuse_unwritable(value)
    mine = [one for one in assignments(text) if one.name == name]
    wanted = parse_dotenv(text) | {name: value}
    if mine and mine[-1].value == value:
        return Edit(text)
    for spelled in _spellings(value, _quote_of(text, mine), _eol(text)):
        changed = _replaced(text, mine[-1], spelled) if mine else _added(text, name, spelled)
        if parse_dotenv(changed) == wanted:
            return _within_size(Edit(changed, tuple(one.line for one in mine[-1:])))
    raise _unspeakable(name, value)


def unset_variable(text: str, name: str) -> Edit:
    """Return the text without any assignment of the name; raise UsageError if others would change.

    Comments of their own line stay; what stands behind a removed value goes with it.
    """
    wanted = parse_dotenv(text)
    wanted.pop(name, None)
    mine = [one for one in assignments(text) if one.name == name]
    changed = text
    for one in reversed(mine):
        changed = changed[: one.begin] + changed[_after_line(changed, one.end) :]
    if parse_dotenv(changed) != wanted:
        lines = ", ".join(str(one.line) for one in mine)
        message = f"without {name} (line {lines}) other variables would be read differently"
        raise UsageError(message, "env.check  # names the line to mend")
    return Edit(changed, tuple(one.line for one in mine))


def append_lines(text: str, lines: Sequence[str]) -> str:
    """Return the text with these lines behind it, in its own line ends."""
    eol = _eol(text)
    whole = text if not text or text.endswith(("\n", "\r")) else text + eol
    return whole + "".join(f"{line}{eol}" for line in lines)


def _refuse_unwritable(value: str) -> None:
    if "\0" in value:
        raise UsageError("the value holds a NUL character, which no variable can have")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError("the value is not UTF-8 text") from None


def _within_size(edit: Edit) -> Edit:
    if len(edit.text) > MOST_CHARACTERS:
        raise UsageError(f"the file would be longer than {MOST_CHARACTERS} characters")
    return edit


def _spellings(value: str, quote: str, eol: str) -> Iterator[str]:
    """Yield ways to write the value, the best first; which of them hold is for others to try."""
    written = value.replace("\n", eol)
    # Only behind a double quote, and only for these two, does dotenv know an escape.
    escaped = value.replace("\n", "\\n").replace("\r", "\\r")
    clean = [one for one in _QUOTES if one not in value]
    bare = [""] if _PLAIN.fullmatch(value) or value.endswith("\\") else []
    wished = [quote] if quote in clean else []
    for one in dict.fromkeys([*wished, *bare, *clean, "", *_QUOTES]):
        yield one + written + one
        if '"' in (one, value[:1] + one):
            yield one + escaped + one


def _quote_of(text: str, mine: Sequence[Assignment]) -> str:
    """Return the quote that the present value stands in; empty when in none."""
    raw = text[mine[-1].raw_begin : mine[-1].raw_end].strip(TRIMMED) if mine else ""
    return raw[0] if raw[:1] in _QUOTES and raw.endswith(raw[0]) else ""


def _replaced(text: str, one: Assignment, spelled: str) -> str:
    """Return the text with another value; blanks around it and a comment behind it stay."""
    raw = text[one.raw_begin : one.raw_end]
    before = re.match(r"[ \t]*", raw)
    after = re.search(r"[ \t]*\Z", raw)
    blanks = (before[0] if before else "", after[0] if after and raw.strip(TRIMMED) else "")
    return text[: one.raw_begin] + blanks[0] + spelled + blanks[1] + text[one.raw_end :]


def _added(text: str, name: str, spelled: str) -> str:
    return append_lines(text, [f"{name}={spelled}"])


def _eol(text: str) -> str:
    """Return the line end that most lines of the text have."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf > text.count("\n") - crlf else "\n"


def _after_line(text: str, end: int) -> int:
    """Return where the next line begins."""
    found = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)").match(text, end)
    return found.end() if found else end


def _unspeakable(name: str, value: str) -> UsageError:
    """Return the refusal that says whether the value or the file is to blame."""
    alone = {name: value}
    if any(parse_dotenv(f"{name}={one}\n") == alone for one in _spellings(value, "", "\n")):
        message = f"{name} cannot be changed without other variables being read differently"
        return UsageError(message, "env.check  # names the line to mend")
    why = "it holds all three kinds of quotes and #, or a carriage return beside what it escapes"
    return UsageError(f"dotenv has no spelling for this value of {name}: {why}", "env.check")


VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
