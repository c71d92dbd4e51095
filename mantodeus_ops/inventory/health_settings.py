"""The health settings of the inventory: what is asked, how, for how long, and the right answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory import validators as read

Scalar = str | int | float | bool
Pairs = tuple[tuple[str, str], ...]

_MOST_SOCKET = 107  # bytes that the kernel takes for the path of a socket
_SOCKET = re.compile(r"(?:http://)?unix:([^:]+):(/\S*)")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization", "x-api-key")
_OWN_HEADERS = ("connection", "content-length", "expect", "te", "transfer-encoding", "upgrade")
_FORMS = "http://…, https://…, unix:SOCKET:/PATH, or empty for an app without HTTP"


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """How to check a new process: its time (s), the request, and the expected answer."""

    wait: float = 3.0
    retries: int = 5
    delay: float = 3.0
    timeout: float = 0.0
    body: str = ""
    headers: Pairs = ()
    json: tuple[tuple[str, Scalar], ...] = ()

    @property
    def seconds(self) -> float:
        """Return how long a new process may take until it is healthy."""
        usual = self.wait + self.retries * self.delay
        return max(self.wait, self.timeout) if self.timeout else usual

    @property
    def attempts(self) -> int:
        """Return the number of requests within that time, one for each delay."""
        if not self.timeout:
            return self.retries
        return max(1, ceil((self.seconds - self.wait) / max(0.1, self.delay)))


def health_url(value: object) -> str:
    """Return the health URL, a socket and a path as `unix:SOCKET:/PATH`, or nothing."""
    text = read.line(value)
    if not text:
        return ""
    if not text.removeprefix("http://").startswith("unix:"):
        return _http(text)
    match = _SOCKET.fullmatch(text)
    if match is None:
        raise InventoryError(f"must be {_FORMS}")
    socket, path = match.groups()
    if ".." in socket.split("/") or len(socket.encode()) > _MOST_SOCKET:
        raise InventoryError(f"must name a socket of at most {_MOST_SOCKET} bytes, without ..")
    return f"unix:{socket}:{read.health_url(f'http://h{path}').removeprefix('http://h')}"


def _http(text: str) -> str:
    if re.match(r"https?:", text):
        return read.health_url(text)
    raise InventoryError(f"must be {_FORMS}")


def body_rule(value: object) -> str:
    """Return a regular expression that Node accepts; raise InventoryError otherwise."""
    text = read.line(value)
    try:
        re.compile(text)
    except re.error as error:
        raise InventoryError(f"must be a regular expression: {error}") from None
    if re.search(r"\(\?(?![:=!]|<[=!])|\\[AZ]", text):
        raise InventoryError("must be a regular expression of JavaScript, without (?…)")
    return text


def headers(value: object) -> Pairs:
    """Return the headers of a request, from a table or a list of "Name: value"."""
    if isinstance(value, list):
        split = [read.line(item).partition(":") for item in value]
        listed: list[tuple[str, object]] = [(name, text.strip(" ")) for name, _, text in split]
    else:
        listed = list(read.exact_type(value, dict).items())
    names = [name.lower() for name, _ in listed]
    if len(set(names)) < len(names):
        raise InventoryError("must not name a header twice")
    return tuple((_header_name(name), _header_value(text)) for name, text in listed)


def _header_name(name: str) -> str:
    if name.lower() in _SECRET_HEADERS:
        raise InventoryError(f"must not hold {name}: the inventory never holds secrets")
    if name.lower() in _OWN_HEADERS:
        raise InventoryError(f"must not hold {name}, which belongs to the connection")
    if not _HEADER.fullmatch(name):
        raise InventoryError('must be headers, such as {X-Forwarded-Proto = "https"}')
    return name


def _header_value(value: object) -> str:
    text = read.line(value)
    if text and text.isascii() and text == text.strip(" "):
        return text
    raise InventoryError("must hold values of ASCII text, without blanks around them")


def json_rule(value: object) -> tuple[tuple[str, Scalar], ...]:
    """Return the values that a JSON answer must hold, by their dotted paths."""
    return tuple(_leaves(read.exact_type(value, dict), ""))


def _leaves(table: dict[str, object], above: str) -> Iterator[tuple[str, Scalar]]:
    for key, value in table.items():
        path = f"{above}{read.line(key)}"
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, (str, bool, int, float)) and _is_json(value):
            yield path, value
        else:
            raise InventoryError(f"{path!r} must be a string, a number, or true or false")


def _is_json(value: Scalar) -> bool:
    try:
        return len(json.dumps(value, allow_nan=False)) < 1000  # noqa: PLR2004 - of a health answer
    except ValueError:
        return False
