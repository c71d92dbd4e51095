"""Whole files over the line, as bytes: gone on with at the exact byte when it drops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from mantodeus_ops.errors import HostError
from mantodeus_ops.events import StepProgress
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.local_files import PartialFile, pieces
from mantodeus_ops.remote.output import OutputBuffer, SkipBanner
from mantodeus_ops.remote.programs import refuse_by_prelude
from mantodeus_ops.remote.shell import set_positional_args
from mantodeus_ops.remote.transport import ConnectionDropped
from mantodeus_ops.text.failure_reason import reason_in

_SEND = 'exec tail -c +"$2" -- "$1"'
# At its own place in the file: what an earlier line brings late are the same bytes once more.
_TAKE = (
    'exec dd of="$1" bs=1M seek="$2" count="$3" iflag=fullblock,count_bytes oflag=seek_bytes'
    " conv=notrunc,fsync status=none"
)


def download(host: Host, file: str, part: PartialFile, total: int) -> int:
    """Bring what is missing of a file of the host; return the byte at which it was gone on with.

    Raise HostError when it does not have as many bytes as it should, ConnectionLostError.
    """
    resumed = part.size

    def take(chunk: bytes) -> None:
        if part.size + len(chunk) > total:
            raise HostError(f"{file} on {host.name} is longer than its manifest says")
        part.add(chunk)
        host.events.emit(StepProgress(part.size, total))

    while part.size < total:
        resumed, err = part.size, OutputBuffer(host.name)
        program = f"{set_positional_args((file, str(resumed + 1)))}\n{_SEND}"
        try:
            code = host.stream(program, b"", take, err.add, None)
        except ConnectionDropped:
            host.reconnect()
            continue
        if code or part.size < total:
            raise HostError(f"{file} on {host.name} cannot be read: {_said(err, code)}")
    return resumed


def upload(host: Host, source: Path, file: str, total: int, have: Callable[[], int]) -> int:
    """Bring a file to the host; return the byte at which it was gone on with.

    `have` tells how much of it is there. Raise ConnectionLostError; raise HostError when it cannot
    be written.
    """
    resumed = have()
    while resumed < total:
        arguments = (file, str(resumed), str(total - resumed))
        told = _counted(host, pieces(source, resumed), resumed, total)
        try:
            _pour(host, f"{set_positional_args(arguments)}\n{_TAKE}", told, file)
        except ConnectionDropped:
            host.reconnect()
            resumed = have()
        else:
            break
    return resumed


def _counted(host: Host, chunks: Iterable[bytes], done: int, total: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        host.events.emit(StepProgress(min(done, total), total))


def _pour(host: Host, program: str, chunks: Iterable[bytes], file: str) -> None:
    """Run a program that reads these chunks; raise ConnectionDropped, HostError when it fails."""
    process, mark = host.start(program, more=True)
    err = OutputBuffer(host.name)
    own_err = SkipBanner(mark, err.add, host.name)
    try:
        # A program that ended early looks like a dropped line; which it was, its end tells.
        with suppress(ConnectionDropped):
            for chunk in chunks:
                process.send(chunk)
        code = process.pump(OutputBuffer(host.name).add, own_err.add, None).code
    finally:
        process.close()
    refuse_by_prelude(host.name, code, own_err.head)
    if code:
        raise HostError(f"{file} on {host.name} cannot be written: {_said(err, code)}", "df -h")


def _said(err: OutputBuffer, code: int) -> str:
    return reason_in(err.text()) or (f"exit {code}" if code else "it ends too early")
