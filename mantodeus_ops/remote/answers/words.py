"""What each bash program answers: lines of words, the first of which names the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mantodeus_ops.remote.answers.check import access_kind
from mantodeus_ops.remote.answers.decode import (
    Reader,
    UnexpectedError,
    base64,
    matching,
    mode,
    text,
)

_number = matching("[0-9]{1,10}")
# The words behind the first of a line, which names it; a name that ends with * may be missing.
_WORDS: Mapping[str, Mapping[str, Sequence[Reader[str]]]] = {
    "ssh/host_requirements": {
        "user": (text,),
        "shell": (text, text),
        "path": (text, text),
        "found": (text,),
        "tool*": (text, text),
        "project": (text, text, matching("[0-9]{0,15}")),
    },
    "ssh/authorized_keys show": {
        "uid": (_number,),
        "agent": (text,),
        "sum": (text,),
        "content": (base64,),
        "place*": (mode, _number, text),
        "access*": (access_kind, mode, text, text),
    },
    "ssh/authorized_keys put": {"result": (text,)},
    "webhook/find_python look": {"python*": (text, text, text), "have*": (text,)},
    "webhook/find_python put": {"result": (text,)},
}


def decode_words(program: str, said: str) -> dict[str, list[list[str]]]:
    """Return the words that a bash program answers, by the first of a line; or UnexpectedError."""
    lines = [line.split("\t") for line in said.split("\n")]
    shapes = _WORDS[program].items()
    return {name.rstrip("*"): _lines(name, readers, lines) for name, readers in shapes}


def _lines(name: str, readers: Sequence[Reader[str]], lines: list[list[str]]) -> list[list[str]]:
    plain = name.rstrip("*")
    found = [words for first, *words in lines if first == plain]
    if not found and plain == name:
        raise UnexpectedError("is missing", plain)
    return [_words(plain, readers, words) for words in found]


def _words(name: str, readers: Sequence[Reader[str]], words: list[str]) -> list[str]:
    if len(words) < len(readers):
        raise UnexpectedError("is cut", name)
    try:
        return [reader(word) for reader, word in zip(readers, words, strict=False)]
    except UnexpectedError as error:
        raise error.within(name) from None
