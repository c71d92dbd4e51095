"""Servers that run for the time of a measurement."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sandbox.commands import CHECKOUT

from .samples import BenchError

READY_SECONDS = 20.0


@contextmanager
def started(
    argv: Sequence[str | Path], env: dict[str, str], port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process of this checkout that listens on the port, as long as the context lasts."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(argv, cwd=CHECKOUT, env=env, stdout=quiet, stderr=quiet) as process:
        try:
            asyncio.run(_listens(port))
            yield process
        finally:
            process.terminate()


async def _listens(port: int) -> None:
    late = time.monotonic() + READY_SECONDS
    while time.monotonic() < late:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return
    raise BenchError(f"nobody listens on port {port} after {READY_SECONDS:.0f} s")
