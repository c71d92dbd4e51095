"""Uploads and downloads files; resumes at the exact byte after a lost connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from mantodeus_ops.errors import HostError
from mantodeus_ops.events import StepProgress
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.local_files import PartialFile, read_chunks
from mantodeus_ops.remote.output import OutputBuffer, SkipBanner
from mantodeus_ops.remote.programs import refuse_by_prelude
from mantodeus_ops.remote.shell import set_positional_args
from mantodeus_ops.remote.transport import ConnectionDropped
from mantodeus_ops.text.failure_reason import reason_in

_SEND = 'exec tail -c +"$2" -- "$1"'
# Written at its offset: late bytes of an earlier connection are identical.
_TAKE = (
    'exec dd of="$1" bs=1M seek="$2" count="$3" iflag=fullblock,count_bytes oflag=seek_bytes'
    " conv=notrunc,fsync status=none"
)


def download(host: Host, file: str, part: PartialFile, total: int) -> int:
    """Download the missing bytes of a file; return the offset of the last start.

    Raise HostError when the size is wrong, ConnectionLostError.
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
            raise HostError(f"{file} on {host.name} cannot be read: {_reason(err, code)}")
    return resumed


def upload(host: Host, source: Path, file: str, total: int, have: Callable[[], int]) -> int:
    """Upload a file; return the offset of the last start.

    `have` returns how many bytes the host has. Raise ConnectionLostError, or HostError when the
    file cannot be written.
    """
    resumed = have()
    while resumed < total:
        arguments = (file, str(resumed), str(total - resumed))
        chunks = _with_progress(host, read_chunks(source, resumed), resumed, total)
        try:
            _send(host, f"{set_positional_args(arguments)}\n{_TAKE}", chunks, file)
        except ConnectionDropped:
            host.reconnect()
            resumed = have()
        else:
            break
    return resumed


def _with_progress(host: Host, chunks: Iterable[bytes], done: int, total: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        host.events.emit(StepProgress(min(done, total), total))


def _send(host: Host, program: str, chunks: Iterable[bytes], file: str) -> None:
    """Send these chunks to a program; raise ConnectionDropped, or HostError when it fails."""
    process, mark = host.start(program, more=True)
    err = OutputBuffer(host.name)
    own_err = SkipBanner(mark, err.add, host.name)
    try:
        # A program that ends early looks like a lost connection; its exit code tells which.
        with suppress(ConnectionDropped):
            for chunk in chunks:
                process.send(chunk)
        code = process.pump(OutputBuffer(host.name).add, own_err.add, None).code
    finally:
        process.close()
    refuse_by_prelude(host.name, code, own_err.head)
    if code:
        raise HostError(f"{file} on {host.name} cannot be written: {_reason(err, code)}", "df -h")


def _reason(err: OutputBuffer, code: int) -> str:
    return reason_in(err.text()) or (f"exit {code}" if code else "it ends too early")
