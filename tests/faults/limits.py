"""Limits that come down on the host's side while it works: of processes, memory, open files."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sandbox import processes
from tests.faults.faults import Strike, Struck, ended
from tests.faults.operations import Task
from tests.faults.place import Place

LOOK_SECONDS = 0.05
GIVEN_UP_SECONDS = 30.0  # an operation that is over by then was not struck
PAGE = resource.getpagesize()


def _used(pid: int, field: int) -> int:
    """Return the memory of a process in bytes: of all (0), or of its data and stack (5)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[field]) * PAGE


# No more than it has: whatever it asks for next is refused.
LIMITS: dict[str, tuple[int, Callable[[int], int]]] = {
    "processes": (resource.RLIMIT_NPROC, lambda _: 1),
    "memory": (resource.RLIMIT_AS, lambda pid: _used(pid, 0)),
    "data": (resource.RLIMIT_DATA, lambda pid: _used(pid, 5)),
    "open files": (resource.RLIMIT_NOFILE, lambda _: 8),
}
MOMENTS = (0.3, 0.8, 1.5, 2.5, 4.0)


def _words(pid: int) -> str:
    with suppress(OSError):
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    return ""


def _hosts_side(place: Place) -> list[int]:
    """Return the processes that work on the host: not PM2's daemon, the app, or the client."""
    here = processes.with_variable("HOME", str(place.machine.home))
    rest = ("God Daemon", "PM2 ", f"{place.project}/dist/", "mantodeus_ops", "/inv ", "/fab ")
    return [pid for pid in here if (words := _words(pid)) and not any(one in words for one in rest)]


def _lower(place: Place, name: str) -> list[str]:
    """Bring a limit down on all that works on the host now; return their names."""
    kind, most = LIMITS[name]
    found = []
    for pid in _hosts_side(place):
        with suppress(OSError, ValueError, IndexError):
            hard = resource.prlimit(pid, kind)[1]
            resource.prlimit(pid, kind, (most(pid), hard))
            found.append(processes.name(pid))
    return found


def limit(name: str, moment: float) -> Strike:
    """Return what brings a limit down so many seconds after the host begins to work."""

    def strike(place: Place, task: Task) -> Struck:
        over, found = threading.Event(), list[str]()

        def lower() -> None:
            until = time.monotonic() + GIVEN_UP_SECONDS
            while not _hosts_side(place) and time.monotonic() < until and not over.is_set():
                time.sleep(LOOK_SECONDS)
            over.wait(moment)
            while not found and time.monotonic() < until and not over.is_set():
                found.extend(_lower(place, name))
                time.sleep(LOOK_SECONDS)

        other = threading.Thread(target=lower)
        other.start()
        try:
            done = place.run(place.inv(*task.words), task.stdin)
        finally:
            over.set()
            other.join()
        where = " ".join(sorted(set(found)))
        return ended(done.returncode, done.stdout + done.stderr, where=where, struck=bool(found))

    return strike
