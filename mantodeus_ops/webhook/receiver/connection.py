"""A connection to the receiver: uvicorn's protocol with additional limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mantodeus_ops.webhook.github_events import REFUSALS
from mantodeus_ops.webhook.receiver.limits import RateAlarm, RequestHead, RequestRules

IDLE, HEAD, BODY, WORK, OVER = "idle", "head", "body", "work", "over"
_LATER = b"retry-after: 60\r\n"
_LINE_BYTES = 4  # of a header besides its name and value: colon, space, CR, LF


class RefusedError(Exception):
    """Ends the parser in the middle of a request that is refused."""


class ConnectionLimit:
    """Limits the number of connections and the bytes in flight over all of them."""

    def __init__(
        self, rules: RequestRules, refused: Callable[[int], None], alarm: RateAlarm
    ) -> None:
        self.rules = rules
        self.limits = rules.limits
        self.refused = refused
        self.alarm = alarm
        self.connections: set[Connection] = set()
        self.in_flight = 0

    def admit(self, connection: Connection) -> None:
        """Admit a connection; at the limit, close the one that has been idle longest."""
        self.connections.add(connection)
        if len(self.connections) <= self.limits.connections:
            return
        idle = [
            other for other in self.connections if other.phase != WORK and other is not connection
        ]
        if idle:
            min(idle, key=lambda other: (other.phase != OVER, other.since)).drop()
        else:
            connection.refuse(503)

    def end(self) -> None:
        """Close all connections without a complete request."""
        for connection in list(self.connections):
            if connection.phase != WORK:
                connection.drop()

    def take(self, size: int) -> None:
        """Count bytes of a body; at the limit, refuse the largest unfinished body."""
        self.in_flight += size
        if self.in_flight > self.limits.in_flight:
            max(
                self.connections, key=lambda connection: (connection.phase == BODY, connection.body)
            ).refuse(503)


class Connection(HttpToolsProtocol):
    """Reads a head and a body, each within a deadline, and passes the request to the app."""

    room: ClassVar[ConnectionLimit]

    phase = HEAD
    since = 0.0  # when it began to wait for the request
    body = 0
    _head = 0  # bytes of the head, as parsed
    _raw = 0  # bytes that came since the head began
    _drained = 0
    _code = 400
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Admit the connection unless the limit is reached."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._until(self.room.limits.header_seconds)
        self.room.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the connection's share of the limits."""
        self._leave()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn always closes
        """Return whether to stay open: a client that sends no more may still wait for an answer."""
        if self.phase == WORK:
            self.cycle.keep_alive = False
        return self.phase == WORK

    def data_received(self, data: bytes) -> None:
        """Feed the parser; drain data that arrives after a refusal."""
        if self.phase == OVER:
            self._drain(len(data))
            return
        if self.transport.is_closing():
            return
        if self.phase == IDLE:
            self.phase = HEAD
            self._until(self.room.limits.header_seconds)
        super().data_received(data)
        self._raw += len(data)
        if self.phase == HEAD and self._raw > self.room.limits.header_bytes:
            self.refuse(431)

    def on_message_begin(self) -> None:
        """Reset the counters; refuse a request that is sent before the last one is answered."""
        if self.phase == WORK:
            self._fail(400)
        self._head = self._raw = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a part of the target."""
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._grow(len(name) + len(value) + _LINE_BYTES)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Check the head; refuse the request when the head alone is reason enough."""
        if self.parser.should_upgrade():
            self._fail(400)
        path = httptools.parse_url(self.url).path or b""
        head = RequestHead.of(self.parser.get_method(), path, self.headers)
        if code := self.room.rules.refusal(head, troubled=self.room.alarm.raised):
            self._fail(code)
        self.phase = BODY
        self._until(self.room.limits.body_seconds)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count a part of the body."""
        if self.phase == BODY:
            self.body += len(body)
            self.room.take(len(body))
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Pass the request to the app."""
        if self.phase == BODY:
            self.phase = WORK
            self._until(None)
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request on this connection."""
        self._release()
        if self.phase == WORK:
            self.phase, self.since = IDLE, self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the answer is a constant
        """Answer a request that is malformed, or was refused while parsing."""
        self.refuse(self._code)

    def refuse(self, code: int) -> None:
        """Answer with this code and end; discard for a moment what the client still sends.

        Closing a socket with unread bytes resets the connection, and the answer would be lost.
        """
        if self.phase == OVER or self.transport.is_closing():
            return
        self.room.refused(code)
        self._end_cycle()
        body = REFUSALS[code].body
        self.transport.write(
            STATUS_LINE[code] + b"content-type: text/plain\r\nconnection: close\r\n"
            b"content-length: %d\r\n%b\r\n%b" % (len(body), self._more(code), body)
        )
        self.transport.write_eof()
        self.flow.resume_reading()
        self._until(self.room.limits.linger_seconds)

    def drop(self) -> None:
        """Close at once, without an answer."""
        self._leave()
        self.transport.abort()

    def _end_cycle(self) -> None:
        self._release()
        self.phase = OVER
        if self.cycle and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _drain(self, size: int) -> None:
        self._drained += size
        if self._drained > self.room.limits.linger_bytes:
            self.flow.pause_reading()  # the client cannot send more, but can read the answer

    def _grow(self, size: int) -> None:
        self._head += size
        if self._head > self.room.limits.header_bytes:
            self._fail(431)

    def _fail(self, code: int) -> None:
        self._code = code
        raise RefusedError

    def _more(self, code: int) -> bytes:
        """Return the header lines that belong to some codes."""
        allowed = b"POST" if self.url.partition(b"?")[0] == self.room.rules.path else b"GET, HEAD"
        lines = {405: b"allow: %b\r\n" % allowed, 429: _LATER, 503: _LATER}
        return lines.get(code, b"")

    def _until(self, seconds: float | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._expire) if seconds else None

    def _expire(self) -> None:
        if self.phase != OVER:
            self.room.refused(408)
        self.drop()

    def _release(self) -> None:
        self.room.in_flight -= self.body
        self.body = 0

    def _leave(self) -> None:
        self._until(None)
        self._release()
        self.room.connections.discard(self)


def connection_in(room: ConnectionLimit) -> type[Connection]:
    """Return a connection class with these limits, because uvicorn creates the instances."""
    return type("RoomConnection", (Connection,), {"room": room})
