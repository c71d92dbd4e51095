"""The server around the receiver: it names itself nowhere, and ends on a signal."""

import asyncio
import os
import signal
import socket
from contextlib import closing

import pytest

from mantodeus_ops.webhook.receiver.connection import ConnectionLimit
from mantodeus_ops.webhook.receiver.limits import Limits, RateAlarm, RequestRules
from mantodeus_ops.webhook.receiver.uvicorn_server import (
    end_on_signal,
    quiet_server,
    serve_until_ended,
)

ASKED = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"


async def app(_scope, _receive, send):
    """Answer as an ASGI app."""
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


def server():
    """Return a server around that app."""
    alarm = RateAlarm(600, lambda: 0.0)
    rules = RequestRules(b"/webhook", b"/health", Limits())
    return quiet_server(app, ConnectionLimit(rules, lambda _: None, alarm))


def served(during):
    """Serve while `during` runs with the port; fail when the server does not end after it."""

    async def serve():
        made = server()
        end = end_on_signal(made)
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            serving = asyncio.create_task(serve_until_ended(made, listener))
            while not made.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            found = await during(listener.getsockname()[1], end)
            await asyncio.wait_for(serving, 20)
            return found

    return asyncio.run(serve())


def test_no_header_names_the_server_or_tells_the_time():
    async def ask(port, end):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASKED)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(2)
        writer.close()
        end()
        return head.lower(), body

    head, body = served(ask)
    assert head.startswith(b"http/1.1 200 ")
    assert (b"server:" in head, b"date:" in head, body) == (False, False, b"ok")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_kills_nothing(number):
    async def kill(_port, _end):
        os.kill(os.getpid(), number)

    served(kill)


def test_a_client_that_only_connects_does_not_hold_up_the_end():
    async def connect(port, end):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.1)
        end()
        return await reader.read(), writer.close()

    assert served(connect)[0] == b""


def test_a_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:

        async def hang_up(_port, end):
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0.1)
            end()
            return signal.getsignal(signal.SIGHUP)

        assert served(hang_up) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
