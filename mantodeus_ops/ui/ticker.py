"""A beat each second for all hosts that are at work where no screen turns: one thread in all."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread

EVERY = 1.0  # seconds

Call = Callable[[], None]


class Pulse:
    """Calls those who wait, again and again; its thread lives only while there are any."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: dict[Call, None] = {}
        self._beats = False

    def start(self, call: Call) -> None:
        """Call this with each beat from now on."""
        with self._lock:
            self._calls[call] = None
            if not self._beats:
                self._beats = True
                Thread(target=self._beat, daemon=True).start()

    def stop(self, call: Call) -> None:
        """Call this no more."""
        with self._lock:
            self._calls.pop(call, None)

    def _beat(self) -> None:
        never = Event()
        while not never.wait(EVERY):
            with self._lock:
                calls = list(self._calls)
                self._beats = bool(calls)
                if not calls:
                    return
            for call in calls:
                call()


PULSE = Pulse()
