"""The receiver's limits, and its checks of a request's head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mantodeus_ops.webhook.github_events import is_signature

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds; the limit of a body is GitHub's, 25 MB."""

    header_bytes: int = 16 << 10
    header_seconds: float = 5.0
    body_bytes: int = 25 << 20
    body_seconds: float = 10.0
    connections: int = 64
    in_flight: int = 64 << 20
    linger_seconds: float = 1.0  # time for the client to read a refusal
    linger_bytes: int = 1 << 20  # discarded meanwhile
    bad_signatures: int = 600  # per minute; above it, large bodies are refused
    large: int = 1 << 20


class RateAlarm:
    """Counts bad signatures; raised when a minute has more than a misconfiguration causes."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most, self._clock = most, clock
        self._minute, self._count = 0, 0

    @property
    def raised(self) -> bool:
        """Return whether there were too many in this minute."""
        return self._count > self._most and self._minute == int(self._clock() / 60)

    def count(self) -> None:
        """Count a bad signature."""
        minute = int(self._clock() / 60)
        self._count = self._count + 1 if minute == self._minute else 1
        self._minute = minute


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of a request; the path has no query, header names are in lower case."""

    method: bytes
    path: bytes
    headers: dict[bytes, list[bytes]]

    @classmethod
    def of(cls, method: bytes, path: bytes, headers: Headers) -> RequestHead:
        """Return the head with these headers; a header may be repeated."""
        fields: dict[bytes, list[bytes]] = {}
        for name, value in headers:
            fields.setdefault(name, []).append(value)
        return cls(method, path, fields)

    def all(self, name: bytes) -> list[bytes]:
        """Return every value of a header."""
        return self.headers.get(name, [])

    def one(self, name: bytes) -> bytes:
        """Return the value of a header that occurs exactly once; otherwise empty."""
        values = self.all(name)
        return values[0] if len(values) == 1 else b""


@dataclass(frozen=True, slots=True)
class RequestRules:
    """The paths of deliveries and of the health check, and the limits."""

    path: bytes
    health_path: bytes
    limits: Limits

    def refusal(self, head: RequestHead, *, troubled: bool) -> int:
        """Return the status code that refuses a request by its head alone; 0 for none.

        `troubled` is set when the alarm is raised.
        """
        if head.path == self.health_path:
            return self._refusal_of_health_check(head)
        if head.path != self.path:
            return 404
        checks: tuple[tuple[int, Callable[[], bool]], ...] = (
            (405, lambda: head.method != b"POST"),
            (411, lambda: bool(head.all(b"transfer-encoding")) or not _length(head)),
            (413, lambda: _bytes(head) > self.limits.body_bytes),
            (415, lambda: not _is_json(head)),
            (401, lambda: not is_signature(head.one(b"x-hub-signature-256"))),
            (429, lambda: troubled and _bytes(head) > self.limits.large),
        )
        return next((code for code, true in checks if true()), 0)

    def _refusal_of_health_check(self, head: RequestHead) -> int:
        if head.method not in {b"GET", b"HEAD"}:
            return 405
        has_body = head.all(b"transfer-encoding") or _bytes(head) > 0
        return 413 if has_body else 0


def _length(head: RequestHead) -> bytes:
    return head.one(b"content-length")


def _bytes(head: RequestHead) -> int:
    """Return the announced length; the parser has refused one that is not a number."""
    length = _length(head)
    return int(length) if length.isdigit() else 0


def _is_json(head: RequestHead) -> bool:
    """Return whether the headers announce uncompressed JSON in UTF-8, as GitHub sends it."""
    kind, _, rest = head.one(b"content-type").lower().partition(b";")
    charset = rest.replace(b" ", b"").replace(b'"', b"")
    plain = charset in {b"", b"charset=utf-8", b"charset=utf8"}
    return kind.strip(b" \t") == b"application/json" and plain and not head.all(b"content-encoding")
