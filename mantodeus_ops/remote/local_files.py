"""Local files: private, resumable and written atomically."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from mantodeus_ops.errors import OpsError

_CHUNK = 1 << 20


@contextmanager
def local_file_errors(path: Path) -> Iterator[None]:
    """Raise OpsError for failed operations on local files."""
    try:
        yield
    except OSError as error:
        raise OpsError(
            f"{error.filename or path} on this machine: {error.strerror}", "df -h ."
        ) from None


class PartialFile:
    """A partial file with an exclusive lock, renamed into place when complete."""

    def __init__(self, file: Path) -> None:
        private_folder(file.parent)
        self._file = file
        self._part = file.with_name(f"{file.name}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._handle = os.open(self._part, flags, 0o600)
        self._claim()

    def _claim(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = os.path.samestat(os.fstat(self._handle), self._part.lstat())
        except (BlockingIOError, FileNotFoundError):
            mine = False
        if not mine:
            os.close(self._handle)
            raise OpsError(f"another process is writing {self._part}", f"ls -l {self._part}")
        os.fchmod(self._handle, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._handle)

    @property
    def size(self) -> int:
        """Return its size in bytes."""
        return os.fstat(self._handle).st_size

    def add(self, chunk: bytes) -> None:
        """Append this chunk."""
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._handle, rest) :]

    def empty(self) -> None:
        """Truncate it."""
        os.ftruncate(self._handle, 0)

    def digest(self) -> str:
        """Return its sha256."""
        with os.fdopen(os.dup(self._handle), "rb") as file:
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

    def keep(self) -> None:
        """Sync it to disk and rename it to its final name."""
        os.fsync(self._handle)
        self._part.rename(self._file)
        _sync_folder(self._file.parent)

    def drop(self) -> None:
        """Delete it."""
        self._part.unlink(missing_ok=True)


def private_folder(folder: Path) -> None:
    """Create the folder and its missing parents with mode 700."""
    for path in reversed([folder, *folder.parents]):
        if not path.exists():
            with suppress(FileExistsError):
                path.mkdir(mode=0o700)


def digest_of(file: Path) -> str:
    """Return the sha256 of a file; empty when it does not exist."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def write_private(file: Path, text: str) -> None:
    """Write text to a private file atomically."""
    with PartialFile(file) as part:
        part.empty()
        part.add(text.encode())
        part.keep()


def read_chunks(file: Path, first: int) -> Iterator[bytes]:
    """Yield the bytes of a file from this offset on."""
    with file.open("rb") as opened:
        opened.seek(first)
        while chunk := opened.read(_CHUNK):
            yield chunk


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
