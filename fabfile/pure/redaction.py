"""Keeps secrets out of every text that leaves us, in all the shapes that programs print them in.

A stream finds a secret that is split over reads. `scripts/redact.js` does the same on the host.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import groupby, takewhile

from .secret import secret_values, secrets_of
from .shapes import LEAST_SHAPE, shapes

REPLACEMENT = "[secret]"

_GRAM = 4  # bytes that are compared at once
_WINDOW = 2 * _GRAM - 1  # holds a whole gram wherever it lies
_SEARCHED = 96  # of a long secret, its beginning is telling enough
_ANY_LOGIN = re.compile(
    r"""//[^\s/@:"<>]*:[^\s/"<>]*@ | (?:(?<=http:)|(?<=https:))//[^\s/@"<>]+@""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def scrub_urls(text: str) -> str:
    """Return the text with the login of every URL replaced."""
    return _ANY_LOGIN.sub(f"//{REPLACEMENT}@", text)


class Redactor:
    """Replaces each of these secrets, in any of its shapes, by `[secret]`."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = frozenset(secrets)

    def text(self, text: str) -> str:
        """Return the text without the secrets."""
        return self.pattern.sub(REPLACEMENT, text) if self.may_hold(text) else text

    def stream(self) -> StreamRedactor:
        """Return a redactor for one text that comes in pieces."""
        return StreamRedactor(self)

    def may_hold(self, text: str) -> bool:
        """Return False, at a tenth of a search's cost, where no secret is in the text for sure."""
        if not self._secrets:
            return False
        rare, short = self._rare
        return not rare.isdisjoint(_grams(text)) or any(shape in text for shape in short)

    def open_end(self, text: str, start: int) -> int:
        """Return where, from start on, the longest unfinished secret at the end begins."""
        start = max(start, len(text) - self._longest + 1)
        if len(text) - start >= _GRAM and self._is_closed(text[start:]):
            start = len(text) - _GRAM + 1
        for at in range(start, len(text)):
            if text[at : at + LEAST_SHAPE] in self._heads and self._is_begun(text[at:]):
                return at
        return len(text)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return what finds a secret, the longest where several begin."""
        return re.compile(_any_of(self._shapes) or "(?!)")

    @cached_property
    def _shapes(self) -> list[str]:
        return sorted({shape for secret in self._secrets for shape in shapes(secret)})

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._shapes), default=0)

    @cached_property
    def _rare(self) -> tuple[frozenset[int], list[str]]:
        """Return grams of which each shape has one at any place, and the shapes too short for it.

        A text is cut into grams of four bytes. Of a shape in it, at least one lies whole in any
        window of seven; so a text without a gram of these windows holds no shape.
        """
        encoded = {shape: shape.encode("utf-8", "surrogatepass") for shape in self._shapes}
        windows = {_rarest_window(data) for data in encoded.values() if len(data) >= _WINDOW}
        grams = {window[at : at + _GRAM] for window in windows for at in range(_GRAM)}
        short = [shape for shape, data in encoded.items() if len(data) < _WINDOW]
        return frozenset(map(_number, grams)), short

    @cached_property
    def _heads(self) -> frozenset[str]:
        # Four letters tell nearly every place where no secret begins, at the cost of one look-up.
        sizes = range(1, LEAST_SHAPE + 1)
        return frozenset(shape[:size] for shape in self._shapes for size in sizes)

    @cached_property
    def _first_grams(self) -> frozenset[int]:
        encoded = (shape.encode("utf-8", "surrogatepass") for shape in self._shapes)
        return frozenset(_number(data[:_GRAM]) for data in encoded)

    def _is_closed(self, end: str) -> bool:
        """Return whether for sure no secret begins in this, but in its last three bytes."""
        return all(self._first_grams.isdisjoint(_grams(end, skip)) for skip in range(_GRAM))

    def _is_begun(self, end: str) -> bool:
        """Return whether a secret begins with this and goes on."""
        after = bisect_right(self._shapes, end)
        return after < len(self._shapes) and self._shapes[after].startswith(end)


class StreamRedactor:
    """Redacts one stream; what it returns in all is what `Redactor.text` makes of the whole."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be shown now; only an end that may become a secret is held back."""
        text = self._held + text
        shown: list[str] = []
        at, cut = 0, self._redactor.open_end(text, 0)
        found = self._redactor.pattern.finditer(text) if self._redactor.may_hold(text) else ()
        for match in found:
            # A match that begins before the cut cannot grow any more.
            if match.start() >= cut:
                break
            shown += (text[at : match.start()], REPLACEMENT)
            at = match.end()
            # What began inside of this match begins no more; a later end may be open.
            if at > cut:
                cut = self._redactor.open_end(text, at)
        self._held = text[cut:]
        return "".join((*shown, text[at:cut]))

    def flush(self) -> str:
        """Return what was held back; the stream has ended."""
        held, self._held = self._held, ""
        return self._redactor.text(held)


def _grams(text: str, skip: int = 0) -> memoryview:
    """Return the bytes of a text, from one of them on, as one number for each four."""
    data = text.encode("utf-8", "surrogatepass")[skip:]
    return memoryview(data + bytes(-len(data) % _GRAM)).cast("I")


def _number(gram: bytes) -> int:
    return int(memoryview(gram).cast("I")[0])


def _rarest_window(data: bytes) -> bytes:
    """Return seven neighbours that ordinary output is the least likely to have."""
    places = range(min(len(data), _SEARCHED) - _WINDOW + 1)
    windows = (data[at : at + _WINDOW] for at in places)
    return max(windows, key=lambda window: len(set(window)) + sum(map(_is_digit, window)))


def _is_digit(byte: int) -> bool:
    return 0x30 <= byte <= 0x39  # noqa: PLR2004 - "0" and "9"


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of these sorted words, the longest first.

    It branches where the words differ, as a flat alternation would try them all at every place.
    """
    branches = []
    for _, group in groupby(words, key=lambda word: word[:1]):
        alike = list(group)
        shared = _common_start(alike[0], alike[-1])
        rests = [word[len(shared) :] for word in alike if word != shared]
        rest = f"(?:{_any_of(rests)})" if rests else ""
        branches.append(re.escape(shared) + rest + ("?" if rest and shared in alike else ""))
    return "|".join(branches)


def _common_start(one: str, other: str) -> str:
    """Return what both words begin with."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return one[: sum(1 for _ in alike)]


__all__ = [
    "REPLACEMENT",
    "Redactor",
    "StreamRedactor",
    "scrub_urls",
    "secret_values",
    "secrets_of",
]
