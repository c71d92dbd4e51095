"""Readers of inventory values: each takes what TOML held and returns what the code wants.

A reader that cannot raises an InventoryError saying what the value must be. It does not repeat
the value where that may hold a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.text.sanitize import trimmed

Reader = Callable[[object], Any]

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
_NO_SECRET = "must not hold a login: no secret is ever in the inventory"  # noqa: S105 - a sentence


def exact_type(value: object, kind: type) -> Any:
    """Return the value if it is of this kind and no other; raise otherwise."""
    if type(value) is kind:
        return value
    actual = KINDS.get(type(value), "a date or time")
    raise InventoryError(f"must be {KINDS[kind]}, not {actual}")


def script(value: object) -> str:
    """Return shell text: lines and tabs are fine, other control characters are not."""
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
    return bool(exact_type(value, bool))


def whole_number(low: int, high: int) -> Reader:
    """Return a reader of whole numbers in this range."""

    def read(value: object) -> int:
        if low <= exact_type(value, int) <= high:
            return int(exact_type(value, int))
        raise InventoryError(f"must be a whole number from {low} to {high}")

    return read


def seconds(value: object) -> float:
    """Return seconds, whole or not."""
    number = value if type(value) is int else exact_type(value, float)
    if 0 <= number <= LONGEST_PAUSE:
        return float(number)
    raise InventoryError(f"must be a number of seconds from 0 to {LONGEST_PAUSE}")


def size(value: object) -> int:
    """Return bytes, from a whole number or from text such as 500MB, 1.5 GB or 1GiB."""
    if type(value) is int:
        return int(whole_number(0, LARGEST_DISK)(value))
    if isinstance(value, str) and (found := _SIZE.fullmatch(value.upper())) and found[2] in UNITS:
        return round(float(found[1]) * UNITS[found[2]])
    raise InventoryError('must be a number of bytes, or a size such as "500MB" or "1GB"')


def optional(reader: Reader) -> Reader:
    """Return a reader that also takes the empty string, to unset what an earlier table set."""
    return lambda value: "" if value == "" else reader(value)


def matching(pattern: str, meaning: str) -> Reader:
    """Return a reader of one line that this pattern matches as a whole."""
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
    """Return how many hosts at a time: a number or a percentage, as text."""
    text = str(value) if type(value) is int and abs(value) < MOST_HOSTS else value
    return str(_BATCH(text))


def list_of(reader: Reader, least: int = 0) -> Reader:
    """Return a reader of lists with at least so many items, each for this reader."""

    def read(value: object) -> tuple[Any, ...]:
        items = exact_type(value, list)
        if len(items) < least:
            raise InventoryError("must not be an empty list")
        return tuple(_item(reader, number, item) for number, item in enumerate(items, 1))

    return read


def _item(reader: Reader, number: int, item: object) -> object:
    try:
        return reader(item)
    except InventoryError as error:
        raise InventoryError(f"item {number}: {error.message}") from None


def commands(value: object) -> tuple[str, ...]:
    """Return shell commands: one string is one command, a list is several, none is none."""
    lone = [value] if value else []
    found: tuple[str, ...] = list_of(script)(lone if isinstance(value, str) else value)
    if all(trimmed(command) for command in found):
        return found
    raise InventoryError("must not hold an empty command")


def folders(value: object) -> tuple[str, ...]:
    """Return folders to search for programs, from a list or from text with colons."""
    listed = [part for part in value.split(":") if part] if isinstance(value, str) else value
    meaning = "a folder that starts with / or ~/ and holds no colon"
    return tuple(list_of(matching(r"(?:/|~/)[^:]*", meaning))(listed))


def absolute(value: object) -> PurePosixPath:
    """Return an absolute path below the root folder."""
    path = PurePosixPath(line(value))
    if path.is_absolute() and ".." not in path.parts and path.name:
        return path
    raise InventoryError("must be an absolute path without ..")


def relative_path(value: object) -> str:
    """Return a path inside project_dir, in its shortest spelling."""
    path = PurePosixPath(line(value))
    if not path.parts or path.is_absolute() or ".." in path.parts or str(path).startswith("-"):
        raise InventoryError("must be a path inside project_dir, relative to it and without ..")
    if path.parts[0] in OURS:
        raise InventoryError(f"must not be in {path.parts[0]}, which is not the app's")
    return str(path)


def disjoint_paths(value: object) -> tuple[str, ...]:
    """Return paths inside project_dir of which none holds another."""
    paths: tuple[str, ...] = list_of(relative_path, least=1)(value)
    for one, other in combinations(paths, 2):
        if overlap(one, other):
            raise InventoryError(f"must not name both {one!r} and {other!r}: they overlap")
    return paths


def overlap(one: str, other: str) -> bool:
    """Return whether one path, in its shortest spelling, is the other or holds it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def address(value: object) -> str:
    """Return a host name, an IP address, or `local`."""
    text = line(value)
    if _HOSTNAME.fullmatch(text) or _is_ipv6(text):
        return text
    raise InventoryError("must be a host name or an IP address alone; port and user are own keys")


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
    """Return the parts of a URL; None when it names no host or an impossible port."""
    try:
        parts = urlsplit(text)
        whole_url = parts.hostname and parts.port != 0 and not re.search(r"\s", text)
    except ValueError:
        return None
    return parts if whole_url else None


def health_url(value: object) -> str:
    """Return the address to ask, whose only braces are those of {timestamp}."""
    text = url(value)
    if re.search(r"[{}]", text.replace("{timestamp}", "")):
        raise InventoryError("must hold no braces but {timestamp}; write others as %7B and %7D")
    return text


def repository(value: object) -> str:
    """Return where git fetches from: a URL, user@host:path, or a path on the host."""
    text = line(value)
    if text.startswith(("http://", "https://")):
        return url(text)
    if _NOT_FETCHED.search(text):
        raise InventoryError("must be something git can fetch from, without blanks")
    if _LOGIN.match(text.partition("://")[2] or text):
        raise InventoryError(_NO_SECRET)
    return text
