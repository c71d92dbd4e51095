"""What a host answers, decoded once and strictly: bounded in size, depth and numbers, and typed.

A reader takes a value of JSON and returns it when it is of its kind; it raises UnexpectedError
otherwise. Its message names a place by our own keys, and repeats nothing that the host said.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from mantodeus_ops.json_types import JsonObject

MOST_BYTES = 8_000_000
LARGEST = 2**53  # as far as a number of JavaScript is exact
_MOST_ITEMS = 500_000  # an empty list takes three bytes of JSON, and sixty of memory
_DEEPEST = 40
_LONGEST_TEXT = 65_536
_LONGEST_FILE = 262_144  # of a file whose every line may be a secret, which costs
_SURROGATE = re.compile("[\ud800-\udfff]")

T = TypeVar("T")
Reader = Callable[[object], T]


class UnexpectedError(ValueError):
    """An answer is not what the program that was asked prints."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(f"{place} {reason}".lstrip(" "))
        self.reason, self.place = reason, place

    def within(self, place: object) -> UnexpectedError:
        """Return the same, of an answer that holds this one at a place."""
        return UnexpectedError(self.reason, f"{place}.{self.place}".rstrip("."))


def decoded(text: str) -> object:
    """Return what this JSON means; raise UnexpectedError for what is none, or out of bounds."""
    if len(text) > MOST_BYTES or sum(map(text.count, "[{,")) > _MOST_ITEMS:
        raise UnexpectedError("is too large")
    try:
        value = json.loads(text, parse_constant=_no_number)
    except UnexpectedError:
        raise
    except (ValueError, RecursionError):
        raise UnexpectedError("is not JSON") from None
    return _bounded(value, _DEEPEST)


def _no_number(name: str) -> None:
    raise UnexpectedError(f"holds {name}")


def _bounded(value: object, depth: int) -> object:
    """Return the value; raise UnexpectedError for depths, numbers and characters beyond any."""
    if isinstance(value, str):
        if not value.isascii() and _SURROGATE.search(value):
            raise UnexpectedError("is not text")
    elif isinstance(value, int | float):
        if not -LARGEST <= value <= LARGEST:
            raise UnexpectedError("is too large a number")
    elif value is not None:
        if not depth:
            raise UnexpectedError("is too deep")
        items = value.items() if isinstance(value, dict) else enumerate(_items(value))
        for key, one in items:
            _bounded(key, 0)
            _bounded(one, depth - 1)
    return value


def _items(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise UnexpectedError("is not a list")


def anything(value: object) -> object:
    """Return any value: it is handed back to the host as it came."""
    return value


def flag(value: object) -> bool:
    """Return true or false."""
    if isinstance(value, bool):
        return value
    raise UnexpectedError("is not true or false")


def number(value: object) -> float:
    """Return a number, whole or not."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise UnexpectedError("is not a number")


def whole(value: object) -> int:
    """Return a whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise UnexpectedError("is not a whole number")


def bulk(value: object) -> str:
    """Return text of any length, as of a file."""
    if isinstance(value, str):
        return value
    raise UnexpectedError("is not text")


def text(value: object) -> str:
    """Return text of the length that a person can read."""
    if len(bulk(value)) <= _LONGEST_TEXT:
        return bulk(value)
    raise UnexpectedError("is too long")


def small(value: object) -> str:
    """Return text of the length of a file of settings."""
    if len(bulk(value)) <= _LONGEST_FILE:
        return bulk(value)
    raise UnexpectedError("is too long")


def base64(value: object) -> str:
    """Return text that is the bytes of a file of settings in base64."""
    try:
        small(b64decode(bulk(value), validate=True).decode(errors="replace"))
    except (binascii.Error, ValueError) as error:
        known = isinstance(error, UnexpectedError)
        raise error if known else UnexpectedError("is not base64") from None
    return bulk(value)


def matching(pattern: str) -> Reader[str]:
    """Return a reader of text that this pattern matches as a whole."""
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        if compiled.fullmatch(text(value)):
            return text(value)
        raise UnexpectedError("is of another form")

    return read


mode = matching("[0-7]{1,6}")  # of a file, in octal


def maybe(reader: Reader[T]) -> Reader[T | None]:
    """Return a reader that also takes null."""
    return lambda value: None if value is None else reader(value)


def many(reader: Reader[T]) -> Reader[list[T]]:
    """Return a reader of lists, each item for this reader."""

    def read(value: object) -> list[T]:
        return [_at(place, reader, one) for place, one in enumerate(_items(value))]

    return read


def fitting(reader: Reader[T]) -> Reader[list[T]]:
    """Return a reader of lists of what files of the host hold; items that do not fit are left out.

    A line that a person or an older version wrote takes no others along.
    """

    def read(value: object) -> list[T]:
        return [reader(one) for one in _items(value) if _fits(reader, one)]

    return read


def _fits(reader: Reader[T], value: object) -> bool:
    try:
        reader(value)
    except UnexpectedError:
        return False
    return True


def table(reader: Reader[T]) -> Reader[dict[str, T]]:
    """Return a reader of objects with any keys, each value for this reader."""

    def read(value: object) -> dict[str, T]:
        return {key: _at("*", reader, one) for key, one in json_object(value).items()}

    return read


def record(shape: Mapping[str, Reader[object]], needed: Iterable[str]) -> Reader[JsonObject]:
    """Return a reader of objects whose keys, where they are there, have these readers.

    Other keys are kept as they are.
    """

    def read(value: object) -> JsonObject:
        found = json_object(value)
        for key in needed:
            if key not in found:
                raise UnexpectedError("is missing", key)
        told = {key: _at(key, shape[key], found[key]) for key in shape if key in found}
        return {**found, **told}

    return read


def json_object(value: object) -> JsonObject:
    """Return an object with any keys."""
    if isinstance(value, dict):
        return value
    raise UnexpectedError("is not an object")


def _at(place: object, reader: Reader[T], value: object) -> T:
    try:
        return reader(value)
    except UnexpectedError as error:
        raise error.within(place) from None
