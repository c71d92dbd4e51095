"""Processes of a sandbox, found in /proc and ended by number."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
GRACE = 3.0


def _stat(pid: int) -> list[str]:
    # The second field is a name in brackets that may hold anything, a bracket too.
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def everyone() -> list[int]:
    """Return the number of every process."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def is_alive(pid: int) -> bool:
    """Return whether the process runs; one that only waits to be reaped does not."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def children(pid: int) -> list[int]:
    """Return the living children of a process."""
    return [
        other
        for other in everyone()
        if (fields := _stat(other)) and fields[0] not in "ZX" and int(fields[1]) == pid
    ]


def family(pid: int) -> list[int]:
    """Return a process and all its living descendants, parents first."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def _reads(pid: int, file: str) -> bytes:
    try:
        return (PROC / str(pid) / file).read_bytes()
    except OSError:  # gone, or somebody else's
        return b""


def with_variable(variable: str, value: str) -> list[int]:
    """Return the processes that were started with this variable, save this one's ancestry."""
    wanted = f"{variable}={value}".encode()
    mine = set(_ancestry(os.getpid()))
    return [
        pid
        for pid in everyone()
        if pid not in mine and wanted in _reads(pid, "environ").split(b"\0")
    ]


def name(pid: int) -> str:
    """Return the short name of a process; empty when it is gone."""
    return _reads(pid, "comm").decode(errors="replace").strip()


def mentions(pid: int, text: str) -> bool:
    """Return whether the command line of a process holds this text."""
    return text.encode() in _reads(pid, "cmdline")


def _ancestry(pid: int) -> Iterable[int]:
    while pid > 0 and (fields := _stat(pid)):
        yield pid
        pid = int(fields[1])


def end(pids: Iterable[int], grace: float = GRACE) -> None:
    """Ask processes to end, and insist after the grace time."""
    pids = list(pids)
    _signal(pids, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    _signal(filter(is_alive, pids), signal.SIGKILL)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
