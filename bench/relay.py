"""A network's distance on loopback: `python -m bench.relay SECONDS FROM:TO…` relays ports.

A question and its answer take that many seconds more, as does a connection before its first byte.
The kernel could do it (`tc netem`), but not every kernel has that, and no account may ask for it.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable
from typing import cast

PLACE = "127.0.0.1"


class End(asyncio.Protocol):
    """One end of a connection: what it hears, the other end says half of the seconds later."""

    transport: asyncio.Transport

    def __init__(self, seconds: float, other: End | None = None) -> None:
        self.seconds = seconds
        self.other = other
        self.heard: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember what to write to."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep this until its time has come."""
        self.heard.append(data)
        if self.other:
            self.later(self.pass_on)

    def connection_lost(self, _: Exception | None) -> None:
        """Let the other end go, after all that it still has to say."""
        if self.other:
            self.later(self.other.transport.close)

    def later(self, what: Callable[[], None]) -> None:
        """Do this when what is sent now has arrived."""
        asyncio.get_running_loop().call_later(self.seconds / 2, what)

    def pass_on(self) -> None:
        """Let the other end say what was heard first."""
        if self.other:
            self.other.transport.write(self.heard.popleft())


class NearEnd(End):
    """The end that was dialled: it dials the other one, as late as from so far away."""

    def __init__(self, seconds: float, port: int) -> None:
        super().__init__(seconds)
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to dial; what is heard meanwhile is kept."""
        super().connection_made(transport)
        self._dialling = asyncio.ensure_future(self._dial())

    async def _dial(self) -> None:
        await asyncio.sleep(self.seconds)
        try:
            _, self.other = await asyncio.get_running_loop().create_connection(
                lambda: End(self.seconds, self), PLACE, self._port
            )
        except OSError:
            self.transport.close()
            return
        for _ in self.heard:
            self.later(self.pass_on)
        if self.transport.is_closing():
            self.connection_lost(None)


async def relay(seconds: float, ports: dict[int, int]) -> None:
    """Relay each of these ports to another one, until cancelled."""
    loop = asyncio.get_running_loop()
    for here, there in ports.items():
        await loop.create_server(_ends(seconds, there), PLACE, here)
    await asyncio.Event().wait()


def _ends(seconds: float, port: int) -> Callable[[], NearEnd]:
    return lambda: NearEnd(seconds, port)


def main(argv: list[str]) -> None:
    """Relay what the arguments name, until a signal."""
    pairs = (pair.split(":") for pair in argv[1:])
    asyncio.run(relay(float(argv[0]), {int(here): int(there) for here, there in pairs}))


if __name__ == "__main__":
    main(sys.argv[1:])
