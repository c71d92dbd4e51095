"""The receiver's ASGI app: verifies, stores and answers deliveries."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import ParamSpec, Protocol, TypeVar

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from mantodeus_ops.errors import OpsError
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.webhook.github_events import (
    ACCEPTED,
    PONG,
    REFUSALS,
    SEEN,
    Answer,
    Body,
    Expected,
    MalformedError,
    Push,
    decide,
    is_event,
    signed_by,
)
from mantodeus_ops.webhook.receiver.batch_writer import BatchWriter
from mantodeus_ops.webhook.receiver.delivery_store import Arrival
from mantodeus_ops.webhook.receiver.limits import Headers, RateAlarm, RequestHead

P = ParamSpec("P")
T = TypeVar("T")

_ID = re.compile(rb"[0-9A-Za-z-]{1,64}")
_LARGE = 1 << 20  # bytes: a larger body is digested in a thread, to not delay other requests
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_JSON = (b"content-type", b"application/json")


class RequestLog(Protocol):
    """The log of the receiver."""

    def tell(self, entry: str, **fields: object) -> None:
        """Write a line."""

    def refused(self, code: int, why: str = "") -> None:
        """Count a refusal."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """The app that uvicorn calls for each request."""

    writer: BatchWriter
    expected: Expected
    secrets: Callable[[], tuple[bytes, ...]]  # raises OpsError when there is no usable secret
    log: RequestLog
    clock: Callable[[], float]
    wake: Callable[[], None]
    alarm: RateAlarm
    health_path: str

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            await self._handle(scope, receive, send)
        except Exception as error:
            # A bug: uvicorn answers 500, but does not log it.
            self.log.refused(500, f"{type(error).__name__}: {error}")
            raise

    async def _handle(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["path"] == self.health_path:
            health = json.dumps({"ok": True, "pid": os.getpid()}).encode()
            await _send(send, 200, health, _JSON)
            return
        body = await _whole(receive)
        if body is None:
            return
        answer = await self.answer(list(scope["headers"]), body)
        await _send(send, answer.code, answer.body, _TEXT)

    async def answer(self, headers: Headers, body: Body) -> Answer:
        """Return the answer to this request; an accepted delivery is stored first."""
        head = RequestHead.of(b"POST", b"", headers)
        try:
            secrets = self.secrets()
        except OpsError as error:
            return self._refused(503, error.message)
        signature = head.one(b"x-hub-signature-256")
        which = await _off_loop(len(body), signed_by, body, signature, secrets)
        if which < 0:
            self.alarm.count()
            return self._refused(401)
        if which > 0:
            self.log.tell("old secret", hint="webhook.secret --finish")
        name, event = head.one(b"x-github-delivery"), head.one(b"x-github-event")
        if not _ID.fullmatch(name) or not is_event(event):
            return self._refused(400, "no id or no event, or several")
        try:
            answer, push = await _off_loop(len(body), decide, event.decode(), body, self.expected)
        except MalformedError as error:
            return self._refused(400, str(error))
        if push and push.forced and answer == ACCEPTED:
            self.log.tell("forced", id=name.decode(), ref=push.ref, after=push.after)
        digest = await _off_loop(len(body), lambda: sha256(body).hexdigest())
        return await self._keep(_arrival(self.clock(), name, event, digest, answer, push), answer)

    async def _keep(self, arrival: Arrival, answer: Answer) -> Answer:
        try:
            word = await self.writer.put(arrival)
        except sqlite3.Error as error:
            return self._refused(503, f"the delivery cannot be stored: {error}")
        is_repeated = word == "seen"
        response = SEEN if is_repeated and answer != PONG else answer
        self.log.tell(
            response.outcome,
            id=arrival.id,
            event=arrival.event,
            ref=arrival.ref,
            after=arrival.after,
            pusher=arrival.pusher,
            reason=response.reason if response.outcome == "ignored" else "",
        )
        if response.outcome == "accepted":
            self.wake()
        return response

    def _refused(self, code: int, why: str = "") -> Answer:
        self.log.refused(code, why)
        return REFUSALS[code]


def _arrival(
    at: float, name: bytes, event: bytes, digest: str, answer: Answer, push: Push | None
) -> Arrival:
    state, outcome = ("waiting", "") if answer.outcome == "accepted" else ("ignored", answer.reason)
    push_fields = {}
    if push:
        push_fields = {
            "ref": REDACTOR.text(push.ref),
            "after": push.after,
            "pusher": REDACTOR.text(push.pusher),
            "subject": REDACTOR.text(push.subject),
        }
    return Arrival(name.decode(), digest, event.decode(), at, state, outcome, **push_fields)


async def _off_loop(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return the result of the work, which runs in a thread for a large body."""
    if size > _LARGE:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)


async def _whole(receive: ASGIReceiveCallable) -> Body | None:
    """Return the whole body, or None when the client disconnected."""
    whole = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        if not whole and not message["more_body"]:
            return message["body"]
        whole += message["body"]
        if not message["more_body"]:
            return whole


async def _send(send: ASGISendCallable, code: int, body: bytes, kind: tuple[bytes, bytes]) -> None:
    headers = [kind, (b"content-length", b"%d" % len(body))]
    await send(
        {"type": "http.response.start", "status": code, "headers": headers, "trailers": False}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
