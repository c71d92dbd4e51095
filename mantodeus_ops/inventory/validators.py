"""Validators for inventory values: each takes a TOML value and returns the typed setting.

A validator raises InventoryError with the expected form. The message does not repeat a value
that may hold a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from itertools import combinations
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.text.sanitize import trimmed

T = TypeVar("T")
Reader = Callable[[object], T]

LONGEST_PAUSE = 3600
MOST_HOSTS = 10_000
LARGEST_DISK = 10**18
OURS = (".git", ".deploy")
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
UNITS |= {"KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "a table",
}

_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([KMGT]?I?)B?")
_LOGIN = re.compile(r"[^@]*:(?![0-9]*/)[^@]*@")
_NOT_FETCHED = re.compile(r"^-|\s|^[A-Za-z0-9+.-]+::|^$")
_NO_SECRET = "must not hold a login: the inventory never holds secrets"  # noqa: S105 - a sentence


def exact_type(value: object, kind: type[T]) -> T:
    """Return the value if it has exactly this type; raise InventoryError otherwise."""
    if isinstance(value, kind) and type(value) is kind:  # bool is a subclass of int
        return value
    actual = KINDS.get(type(value), "a date or time")
    raise InventoryError(f"must be {KINDS[kind]}, not {actual}")


def script(value: object) -> str:
    """Return shell text: newlines and tabs are allowed, other control characters are not."""
    return _printable(exact_type(value, str), allowed="\n\t")


def line(value: object) -> str:
    """Return one line of text."""
    return _printable(exact_type(value, str), allowed="")


def _printable(text: str, allowed: str) -> str:
    if all(letter.isprintable() or letter in allowed for letter in text):
        return text
    raise InventoryError("must not hold control or invisible characters")


def flag(value: object) -> bool:
    """Return true or false."""
    return exact_type(value, bool)


def whole_number(low: int, high: int) -> Reader[int]:
    """Return a validator of whole numbers in this range."""

    def read(value: object) -> int:
        if low <= (number := exact_type(value, int)) <= high:
            return number
        raise InventoryError(f"must be a whole number from {low} to {high}")

    return read


def seconds(value: object) -> float:
    """Return a number of seconds, with or without a fraction."""
    number = value if type(value) is int else exact_type(value, float)
    if 0 <= number <= LONGEST_PAUSE:
        return float(number)
    raise InventoryError(f"must be a number of seconds from 0 to {LONGEST_PAUSE}")


def size(value: object) -> int:
    """Return bytes, from a whole number or a text such as 500MB, 1.5 GB or 1GiB."""
    if type(value) is int:
        return whole_number(0, LARGEST_DISK)(value)
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.upper())) and match[2] in UNITS:
        return round(float(match[1]) * UNITS[match[2]])
    raise InventoryError('must be a number of bytes, or a size such as "500MB" or "1GB"')


def optional(reader: Reader[T]) -> Reader[T | str]:
    """Return a validator that also accepts the empty string, to unset an earlier value."""
    return lambda value: "" if value == "" else reader(value)


def matching(pattern: str, meaning: str) -> Reader[str]:
    """Return a validator of one line that fully matches this pattern."""
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        if compiled.fullmatch(line(value)):
            return str(value)
        raise InventoryError(f"must be {meaning}")

    return read


_BATCH = matching(
    r"[1-9][0-9]{0,3}|(?:100|[1-9][0-9]?)%", 'a number of hosts from 1, or a share such as "25%"'
)


def batch(value: object) -> str:
    """Return a batch size as text: a number or a percentage."""
    text = str(value) if type(value) is int and abs(value) < MOST_HOSTS else value
    return _BATCH(text)


def list_of(reader: Reader[T], least: int = 0) -> Reader[tuple[T, ...]]:
    """Return a validator of lists with at least `least` items, each valid for this reader."""

    def read(value: object) -> tuple[T, ...]:
        items = exact_type(value, list)
        if len(items) < least:
            raise InventoryError("must not be an empty list")
        return tuple(_item(reader, number, item) for number, item in enumerate(items, 1))

    return read


def _item(reader: Reader[T], number: int, item: object) -> T:
    try:
        return reader(item)
    except InventoryError as error:
        raise InventoryError(f"item {number}: {error.message}") from None


def commands(value: object) -> tuple[str, ...]:
    """Return shell commands: a string is one command, a list is several."""
    lone = [value] if value else []
    texts = list_of(script)(lone if isinstance(value, str) else value)
    if all(trimmed(command) for command in texts):
        return texts
    raise InventoryError("must not hold an empty command")


def folders(value: object) -> tuple[str, ...]:
    """Return folders of a search path, from a list or a text with colons."""
    listed = [part for part in value.split(":") if part] if isinstance(value, str) else value
    meaning = "a folder that starts with / or ~/, without a colon"
    return list_of(matching(r"(?:/|~/)[^:]*", meaning))(listed)


def absolute(value: object) -> PurePosixPath:
    """Return an absolute path other than the root folder."""
    path = PurePosixPath(line(value))
    if path.is_absolute() and ".." not in path.parts and path.name:
        return path
    raise InventoryError("must be an absolute path without ..")


def relative_path(value: object) -> str:
    """Return a normalized path inside project_dir."""
    path = PurePosixPath(line(value))
    if not path.parts or path.is_absolute() or ".." in path.parts or str(path).startswith("-"):
        raise InventoryError("must be a path inside project_dir, relative to it and without ..")
    if path.parts[0] in OURS:
        raise InventoryError(f"must not be in {path.parts[0]}, which does not belong to the app")
    return str(path)


def disjoint_paths(value: object) -> tuple[str, ...]:
    """Return paths inside project_dir that do not overlap."""
    paths = list_of(relative_path)(value)
    for path, other in combinations(paths, 2):
        if overlap(path, other):
            raise InventoryError(f"must not name both {path!r} and {other!r}: they overlap")
    return paths


def overlap(path: str, other: str) -> bool:
    """Return whether one normalized path equals or holds the other."""
    return f"{path}/".startswith(f"{other}/") or f"{other}/".startswith(f"{path}/")


def address(value: object) -> str:
    """Return a host name, an IP address, or `local`."""
    text = line(value)
    if _HOSTNAME.fullmatch(text) or _is_ipv6(text):
        return text
    raise InventoryError("must be a host name or an IP address; port and user are separate keys")


def _is_ipv6(text: str) -> bool:
    try:
        return bool(IPv6Address(text))
    except ValueError:
        return False


def url(value: object) -> str:
    """Return an http or https address without a login."""
    text = line(value)
    parts = _url_parts(text)
    if parts is None or parts.scheme not in {"http", "https"}:
        raise InventoryError("must be a URL that starts with http:// or https://")
    if "@" in parts.netloc:
        raise InventoryError(_NO_SECRET)
    return text


def _url_parts(text: str) -> SplitResult | None:
    """Return the parts of a URL; None without a host or with an invalid port."""
    try:
        parts = urlsplit(text)
        whole_url = parts.hostname and parts.port != 0 and not re.search(r"\s", text)
    except ValueError:
        return None
    return parts if whole_url else None


def health_url(value: object) -> str:
    """Return the health URL; it may hold {timestamp}, but no other braces."""
    text = url(value)
    if re.search(r"[{}]", text.replace("{timestamp}", "")):
        raise InventoryError("must hold no braces except {timestamp}; write others as %7B and %7D")
    return text


def repository(value: object) -> str:
    """Return a git remote: a URL, user@host:path, or a path on the host."""
    text = line(value)
    if text.startswith(("http://", "https://")):
        return url(text)
    if _NOT_FETCHED.search(text):
        raise InventoryError("must be a remote that git can fetch from, without blanks")
    if _LOGIN.match(text.partition("://")[2] or text):
        raise InventoryError(_NO_SECRET)
    return text
