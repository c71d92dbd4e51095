"""Decodes JSON of a host strictly: bounded in size, depth and numbers, and typed.

A reader returns a valid value or raises UnexpectedError. The message names the path of keys and
never repeats text from the host.
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
LARGEST = 2**53  # the largest exact integer in JavaScript
_MOST_ITEMS = 500_000  # an empty list takes 3 bytes of JSON and 60 of memory
_DEEPEST = 40
_LONGEST_TEXT = 65_536
_LONGEST_FILE = 262_144  # each line of such a file may be a secret, which is costly to redact
_SURROGATE = re.compile("[\ud800-\udfff]")

T = TypeVar("T")
Reader = Callable[[object], T]


class UnexpectedError(ValueError):
    """An answer does not match the schema of its program."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(f"{path} {reason}".lstrip(" "))
        self.reason, self.path = reason, path

    def within(self, path: object) -> UnexpectedError:
        """Return this error for an enclosing answer that holds the value at a path."""
        return UnexpectedError(self.reason, f"{path}.{self.path}".rstrip("."))


def decode_json(text: str) -> object:
    """Return the value of this JSON; raise UnexpectedError if it is invalid or out of bounds."""
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
    """Return the value; raise UnexpectedError for excessive depths, numbers or characters."""
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
        for key, item in items:
            _bounded(key, 0)
            _bounded(item, depth - 1)
    return value


def _items(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise UnexpectedError("is not a list")


def anything(value: object) -> object:
    """Return any value; it is sent back to the host unchanged."""
    return value


def flag(value: object) -> bool:
    """Return true or false."""
    if isinstance(value, bool):
        return value
    raise UnexpectedError("is not true or false")


def number(value: object) -> float:
    """Return a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise UnexpectedError("is not a number")


def whole(value: object) -> int:
    """Return a whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise UnexpectedError("is not a whole number")


def bulk(value: object) -> str:
    """Return text of any length, such as a file."""
    if isinstance(value, str):
        return value
    raise UnexpectedError("is not text")


def text(value: object) -> str:
    """Return text short enough to be shown."""
    if len(bulk(value)) <= _LONGEST_TEXT:
        return bulk(value)
    raise UnexpectedError("is too long")


def small(value: object) -> str:
    """Return text no longer than a settings file."""
    if len(bulk(value)) <= _LONGEST_FILE:
        return bulk(value)
    raise UnexpectedError("is too long")


def base64(value: object) -> str:
    """Return base64 text of a settings file."""
    try:
        small(b64decode(bulk(value), validate=True).decode(errors="replace"))
    except (binascii.Error, ValueError) as error:
        is_expected = isinstance(error, UnexpectedError)
        raise error if is_expected else UnexpectedError("is not base64") from None
    return bulk(value)


def matching(pattern: str) -> Reader[str]:
    """Return a reader of text that fully matches this pattern."""
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        if compiled.fullmatch(text(value)):
            return text(value)
        raise UnexpectedError("is of another form")

    return read


mode = matching("[0-7]{1,6}")  # of a file, in octal


def maybe(reader: Reader[T]) -> Reader[T | None]:
    """Return a reader that also accepts null."""
    return lambda value: None if value is None else reader(value)


def many(reader: Reader[T]) -> Reader[list[T]]:
    """Return a reader of lists whose items this reader accepts."""

    def read(value: object) -> list[T]:
        return [_at(index, reader, item) for index, item in enumerate(_items(value))]

    return read


def valid_items(reader: Reader[T]) -> Reader[list[T]]:
    """Return a reader of lists of what files of the host hold; items that do not fit are left out.

    For lines of files on the host, which people or older versions may have written.
    """

    def read(value: object) -> list[T]:
        return [reader(item) for item in _items(value) if _fits(reader, item)]

    return read


def _fits(reader: Reader[T], value: object) -> bool:
    try:
        reader(value)
    except UnexpectedError:
        return False
    return True


def table(reader: Reader[T]) -> Reader[dict[str, T]]:
    """Return a reader of objects with any keys, whose values this reader accepts."""

    def read(value: object) -> dict[str, T]:
        return {key: _at("*", reader, item) for key, item in json_object(value).items()}

    return read


def record(shape: Mapping[str, Reader[object]], needed: Iterable[str]) -> Reader[JsonObject]:
    """Return a reader of objects whose keys, where they are there, have these readers.

    Other keys are kept unchanged.
    """

    def read(value: object) -> JsonObject:
        fields = json_object(value)
        for key in needed:
            if key not in fields:
                raise UnexpectedError("is missing", key)
        checked = {key: _at(key, shape[key], fields[key]) for key in shape if key in fields}
        return {**fields, **checked}

    return read


def json_object(value: object) -> JsonObject:
    """Return an object with any keys."""
    if isinstance(value, dict):
        return value
    raise UnexpectedError("is not an object")


def _at(path: object, reader: Reader[T], value: object) -> T:
    try:
        return reader(value)
    except UnexpectedError as error:
        raise error.within(path) from None
