"""Requesters that keep their pace whatever the app does: what they notice is the outage."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from types import TracebackType
from typing import Self

from .samples import Probe

RATE = 50
PATIENCE = 5.0
SETTLE = 0.3
PID = re.compile(rb'"pid":(\d+)')


class Load:
    """Asks two paths of a port, each 50 times a second, for as long as its context lasts."""

    def __init__(self, port: int, page: str, health: str) -> None:
        self._port = port
        self._paths = {"page": page, "health": health}
        self.probes: dict[str, list[Probe]] = {name: [] for name in self._paths}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        time.sleep(SETTLE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        time.sleep(SETTLE)
        self._ended.set()
        self._thread.join()

    async def _ask(self) -> None:
        began, turn = time.monotonic(), 0
        async with asyncio.TaskGroup() as asking:
            while not self._ended.is_set():
                for name in self._paths:
                    asking.create_task(self._probe(name))
                turn += 1
                await asyncio.sleep(max(0.0, began + turn / RATE - time.monotonic()))

    async def _probe(self, name: str) -> None:
        sent = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                text = await answer(self._port, self._paths[name])
        except (OSError, TimeoutError):
            text = b""
        pid = PID.search(text)
        probe = Probe(sent, time.monotonic(), is_whole(text), int(pid[1]) if pid else 0)
        self.probes[name].append(probe)


async def answer(port: int, path: str) -> bytes:
    """Return all that the port answers to one request; raise OSError when it does not."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        return await reader.read(-1)
    finally:
        writer.close()


def is_whole(text: bytes) -> bool:
    """Return whether an answer is a 200 with as long a body as it announces."""
    head, _, body = text.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    whole = bool(length) and len(body) == int(length[1]) if length else body.endswith(b"0\r\n\r\n")
    return head.startswith(b"HTTP/1.1 200 ") and whole
