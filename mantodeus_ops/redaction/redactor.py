"""Replaces secrets in texts and streams, in all encodings that programs print.

A stream also finds secrets that are split between reads. Twin of `redaction/redactor.js`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby, takewhile
from typing import TypeVar

from mantodeus_ops.redaction.encodings import LEAST_SHAPE, encodings_of
from mantodeus_ops.redaction.secret_rules import secret_values, secrets_of

Key = TypeVar("Key", int, str)

REPLACEMENT = "[secret]"

_GRAM = 4  # bytes compared at a time
_WINDOW = 2 * _GRAM - 1  # long enough to hold a whole gram at any offset
_SEARCHED = 96  # for long secrets, the beginning is enough
_ANY_LOGIN = re.compile(
    r"""//[^\s/@:"<>]*:[^\s/"<>]*@ | (?:(?<=http:)|(?<=https:))//[^\s/@"<>]+@""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def scrub_urls(text: str) -> str:
    """Return the text with the login of every URL replaced."""
    return _ANY_LOGIN.sub(f"//{REPLACEMENT}@", text)


class Redactor:
    """Replaces secrets, in any encoding, by `[secret]`.

    Its tables only grow, so threads may read while another thread adds secrets.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known: set[str] = set()
        self._longest = 0
        self._short: list[str] = []  # encodings shorter than a window
        self._by_gram: dict[int, list[str]] = {}
        self._by_head: dict[str, list[str]] = {}
        self._heads: set[str] = set()
        self._first_grams: set[int] = set()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Replace these secrets, too, from now on; the cost depends on the new secrets only.

        A text is cut into grams of four bytes. Any window of seven bytes of an encoding holds at
        least
        one whole gram, so a text without the grams of its rarest window does not hold the encoding.
        """
        for shape in {shape for secret in secrets for shape in encodings_of(secret)} - self._known:
            data = shape.encode("utf-8", "surrogatepass")
            self._known.add(shape)
            self._longest = max(self._longest, len(shape))
            # Four letters rule out nearly all offsets with one look-up.
            self._heads.update(shape[:size] for size in range(1, LEAST_SHAPE + 1))
            _add(self._by_head, shape[:LEAST_SHAPE], shape)
            self._first_grams.add(_number(data[:_GRAM]))
            if len(data) < _WINDOW:
                self._short.append(shape)
                continue
            window = _rarest_window(data)
            for gram in {_number(window[at : at + _GRAM]) for at in range(_GRAM)}:
                _add(self._by_gram, gram, shape)

    def text(self, text: str) -> str:
        """Return the text without the secrets."""
        finder = self.finder(text)
        return finder.sub(REPLACEMENT, text) if finder else text

    def stream(self) -> StreamRedactor:
        """Return a redactor for one text that comes in pieces."""
        return StreamRedactor(self)

    def finder(self, text: str) -> re.Pattern[str] | None:
        """Return a pattern for the secrets in this text, the longest first; None without one.

        None costs a tenth of a search. The pattern holds only encodings that occur in the text: one
        pattern with the secrets of a thousand hosts would take seconds.
        """
        if not self._known:
            return None
        grams = _grams(text)
        present = {shape for shape in self._short if shape in text}
        if not self._by_gram.keys().isdisjoint(grams):
            candidates = (self._by_gram.get(gram, ()) for gram in set(grams))
            present.update(shape for alike in candidates for shape in alike if shape in text)
        return re.compile(_any_of(sorted(present))) if present else None

    def open_end(self, text: str, start: int) -> int:
        """Return the offset, from start on, of the longest unfinished secret at the end."""
        start = max(start, len(text) - self._longest + 1)
        if len(text) - start >= _GRAM and self._is_closed(text[start:]):
            start = len(text) - _GRAM + 1
        for at in range(start, len(text)):
            if text[at : at + LEAST_SHAPE] in self._heads and self._is_begun(text[at:]):
                return at
        return len(text)

    def _is_closed(self, end: str) -> bool:
        """Return whether no secret can begin in this text before its last three bytes."""
        return all(self._first_grams.isdisjoint(_grams(end, skip)) for skip in range(_GRAM))

    def _is_begun(self, end: str) -> bool:
        """Return whether a secret continues after this text, which holds its first bytes."""
        if len(end) < LEAST_SHAPE:
            return True
        alike = self._by_head.get(end[:LEAST_SHAPE], ())
        return any(len(shape) > len(end) and shape.startswith(end) for shape in alike)


class StreamRedactor:
    """Redacts a stream; its pieces joined equal `Redactor.text` of the whole text."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, text: str) -> str:
        """Return the text that can be shown now; an end that may become a secret is kept."""
        text = self._held + text
        shown: list[str] = []
        at, cut = 0, self._redactor.open_end(text, 0)
        finder = self._redactor.finder(text)
        for match in finder.finditer(text) if finder else ():
            # A match that begins before the cut is complete.
            if match.start() >= cut:
                break
            shown += (text[at : match.start()], REPLACEMENT)
            at = match.end()
            # A secret cannot begin inside this match; a later end may be unfinished.
            if at > cut:
                cut = self._redactor.open_end(text, at)
        self._held = text[cut:]
        return "".join((*shown, text[at:cut]))

    def flush(self) -> str:
        """Return the rest at the end of the stream."""
        rest, self._held = self._held, ""
        return self._redactor.text(rest)


def _grams(text: str, skip: int = 0) -> memoryview:
    """Return the bytes of a text after the first `skip` as one number for each four bytes."""
    data = text.encode("utf-8", "surrogatepass")[skip:]
    return memoryview(data + bytes(-len(data) % _GRAM)).cast("I")


def _add(table: dict[Key, list[str]], key: Key, shape: str) -> None:
    table.setdefault(key, []).append(shape)


def _number(gram: bytes) -> int:
    return int(memoryview(gram).cast("I")[0])


def _rarest_window(data: bytes) -> bytes:
    """Return the seven adjacent bytes that are least likely in ordinary output."""
    places = range(min(len(data), _SEARCHED) - _WINDOW + 1)
    windows = (data[at : at + _WINDOW] for at in places)
    return max(windows, key=lambda window: len(set(window)) + sum(map(_is_digit, window)))


def _is_digit(byte: int) -> bool:
    return 0x30 <= byte <= 0x39  # noqa: PLR2004 - "0" and "9"


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of these sorted words, the longest first.

    It branches where the words differ: a flat alternation would try all words at every offset.
    """
    branches = []
    for _, group in groupby(words, key=lambda word: word[:1]):
        alike = list(group)
        shared = _common_start(alike[0], alike[-1])
        rests = [word[len(shared) :] for word in alike if word != shared]
        rest = f"(?:{_any_of(rests)})" if rests else ""
        branches.append(re.escape(shared) + rest + ("?" if rest and shared in alike else ""))
    return "|".join(branches)


def _common_start(word: str, other: str) -> str:
    """Return the common prefix of both words."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(word, other, strict=False))
    return word[: sum(1 for _ in alike)]


__all__ = [
    "REPLACEMENT",
    "Redactor",
    "StreamRedactor",
    "scrub_urls",
    "secret_values",
    "secrets_of",
]
