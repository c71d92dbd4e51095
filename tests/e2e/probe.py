"""Asks the page and the health path all the time, and remembers every answer that was no good."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from sandbox import Machine

PER_SECOND = 50
PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Failure:
    """One request that a visitor would have complained about."""

    at: float
    path: str
    reason: str


class Probe:
    """While the block runs: 50 requests a second to each path, with a new connection each."""

    def __init__(self, machine: Machine) -> None:
        self.failures: list[Failure] = []
        self.asked = 0
        self._port = machine.port
        self._over = threading.Event()
        paths = (machine.url, machine.health_url)
        self._threads = [threading.Thread(target=self._ask_on, args=(path,)) for path in paths]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def outage(self) -> float:
        """Return the seconds from the first failure to the last."""
        times = [failure.at for failure in self.failures]
        return max(times) - min(times) if times else 0.0

    def _ask_on(self, url: str) -> None:
        split = urlsplit(url)
        path = f"{split.path}?{split.query}".removesuffix("?")
        due = time.monotonic()
        while not self._over.is_set():
            reason = self._ask(path.replace("{timestamp}", str(int(time.time()))))
            self.asked += 1
            if reason:
                self.failures.append(Failure(time.monotonic(), split.path, reason))
            due = max(due + 1 / PER_SECOND, time.monotonic() - 0.1)
            self._over.wait(max(0.0, due - time.monotonic()))

    def _ask(self, path: str) -> str:
        """Return why the answer was no good, or nothing."""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        try:
            with socket.create_connection(("127.0.0.1", self._port), PATIENCE) as line:
                line.sendall(head.encode())
                answer = b"".join(iter(lambda: line.recv(65536), b""))
        except OSError as error:
            return str(error)
        return "" if answer.startswith(b"HTTP/1.1 200 ") else f"answered {answer[:60]!r}"
