"""uvicorn without logs, and with controlled shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator

from uvicorn import Config, Server

from mantodeus_ops.webhook.receiver.app import Receiver
from mantodeus_ops.webhook.receiver.connection import ConnectionLimit, connection_in

_ACCEPTED_AT_ONCE = 16  # few at a time, so that each is read before the next are accepted
_BACKLOG = 1024
_IDLE_SECONDS = 65  # longer than proxies keep an idle connection
_LAST_SECONDS = 0.5  # for requests in flight at shutdown
_END_SECONDS = 1  # for uvicorn's shutdown after that


def quiet_server(receiver: Receiver, room: ConnectionLimit) -> Server:
    """Return a uvicorn server for the receiver, without logs and identifying headers."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    return QuietServer(
        Config(
            receiver,
            http=connection_in(room),
            ws="none",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            backlog=_ACCEPTED_AT_ONCE,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_END_SECONDS,
        ),
        room,
    )


class QuietServer(Server):
    """A server that leaves signals to the receiver; uvicorn would raise them again at its end."""

    def __init__(self, config: Config, room: ConnectionLimit) -> None:
        super().__init__(config)
        self._room = room

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down; close connections without a complete request after a moment."""
        asyncio.get_running_loop().call_later(_LAST_SECONDS, self._room.end)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve_until_ended(server: Server, listener: socket.socket) -> None:
    """Serve on this socket until the server exits."""
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    if not serving.done():
        # asyncio uses `backlog` both for the kernel's queue and for the connections it accepts at
        # once; the queue may be longer.
        listener.listen(_BACKLOG)
    await serving


def end_on_signal(server: Server) -> Callable[[], None]:
    """Return a function that ends the server; call it on SIGTERM, SIGINT and SIGHUP."""

    def end() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # SIGHUP, below nohup
            asyncio.get_running_loop().add_signal_handler(number, end)
    return end
