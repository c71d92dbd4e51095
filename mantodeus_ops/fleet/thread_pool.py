"""Many hosts side by side: bounded, and a slow one holds up no other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

from invoke.exceptions import Exit

AT_ONCE = (
    20  # hosts that may be beginning: most of what a login costs is paid here, in its first moments
)
SLOW_AFTER = 0.25  # seconds; who is still at it then mostly waits, and makes room for the next
MOST = 100  # hosts at once in all: each holds a thread and up to five file descriptors
_HEARD_WITHIN = 0.2  # seconds; Ctrl-C that the kernel gives to another thread does not end a wait
_STOPS_WITHIN = 4.0  # seconds; a program that is watched is heard of every second or two

T = TypeVar("T")
R = TypeVar("R")


class AdmissionLimiter:
    """Who is at work now, and for how long."""

    def __init__(self) -> None:
        self._busy: dict[Future[object], float] = {}

    def wait_for_room(self) -> None:
        """Return when one more may begin."""
        while True:
            now = time.monotonic()
            self._busy = {future: at for future, at in self._busy.items() if not future.done()}
            young = [at for at in self._busy.values() if now - at < SLOW_AFTER]
            if len(self._busy) < MOST and len(young) < AT_ONCE:
                return
            ripe = min(young) + SLOW_AFTER - now if len(self._busy) < MOST else None
            wait(self._busy, timeout=ripe, return_when=FIRST_COMPLETED)

    def add(self, future: Future[R]) -> Future[R]:
        """Count one more, who begins now."""
        self._busy[future] = time.monotonic()  # type: ignore[index]  # what it returns is nothing to us
        return future


def run_concurrently(
    items: Sequence[T],
    work: Callable[[T], R],
    *,
    stop: Callable[[], None],
    close: Callable[[], None],
) -> list[R]:
    """Return what the work returns for each item, in their order.

    After Ctrl-C, `stop` asks all of them to end; only what was begun is returned then. Who does not
    end soon is left by `close`, and Exit is raised.
    """
    halted = Event()
    with ThreadPoolExecutor(min(MOST, len(items)) + 1) as pool:
        # In a separate thread: Ctrl-C, which only this one hears, never comes between a beginning
        # and its being noted down.
        every = pool.submit(_in_turn, items, work, pool, halted)
        try:
            while wait([every], timeout=_HEARD_WITHIN).not_done:
                pass
            return every.result()
        except KeyboardInterrupt:
            halted.set()
            stop()
            if not wait([every], timeout=_STOPS_WITHIN).not_done:
                return every.result()
            close()
            raise Exit("stopped watching; what runs on the hosts goes on", 1) from None


def _in_turn(
    items: Sequence[T], work: Callable[[T], R], pool: ThreadPoolExecutor, halted: Event
) -> list[R]:
    """Start the hosts in turn until stopped; return the results of those that started."""
    limiter = AdmissionLimiter()
    begun: list[Future[R]] = []
    for item in items:
        limiter.wait_for_room()
        if halted.is_set():
            break
        begun.append(limiter.add(pool.submit(work, item)))
    return [future.result() for future in begun]
