"""Standard streams that never fail a task: what cannot be written any more is let go of.

A full disk, a reader that has gone, a terminal that was closed: the work goes on, and its exit code
is that of the work. Python alone would end with a stack, or with 120 when it flushes at the end.
"""

from __future__ import annotations

import errno
import io
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_SILENT = {errno.EPIPE, errno.EIO, errno.EBADF}  # the other side is gone, and knows it
_STDOUT = 1


class _LettingGo(io.RawIOBase):
    """A descriptor; after its first error, everything goes to /dev/null."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type] # typeshed's Buffer is of Python 3.12
        while True:
            try:
                return os.write(self._descriptor, view)
            except BlockingIOError:  # another program has set the pipe that we share to it
                select.select([], [self._descriptor], [])
            except OSError as error:
                self._let_go(error)
                return len(view)

    def _let_go(self, error: OSError) -> None:
        nothing = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(nothing, self._descriptor)
        os.close(nothing)
        if self._descriptor == _STDOUT and error.errno not in _SILENT:
            sys.stderr.write(f"warning: the output was interrupted: {error.strerror}\n")
            sys.stderr.flush()


def hold() -> None:
    """Put streams in the place of Python's own that never fail, also where one was closed."""
    for descriptor in range(3):
        # A closed one would be given to the next file or line that is opened, and written into.
        try:
            os.fstat(descriptor)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # the lowest that is free is this one
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for good
    sys.stdout = _held(sys.stdout, sys.__stdout__, "replace")
    sys.stderr = _held(sys.stderr, sys.__stderr__, "backslashreplace")


def _held(stream: TextIO | None, first: TextIO | None, errors: str) -> TextIO:
    if stream is None or stream.closed:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - for good
    if stream is not first or not isinstance(stream, io.TextIOWrapper):
        return stream  # another stream replaced it on purpose
    with suppress(OSError):
        stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_LettingGo(stream.fileno())),
        encoding=stream.encoding,
        errors=errors,
        line_buffering=stream.line_buffering or stream.isatty(),
        write_through=stream.write_through,
    )


@contextmanager
def outliving_the_terminal(on_hangup: Callable[[], None]) -> Iterator[None]:
    """Let the block go on when its terminal closes; then only call `on_hangup`.

    Where SIGHUP is ignored already, as below nohup, it stays so.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGHUP, lambda *_: on_hangup())
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
