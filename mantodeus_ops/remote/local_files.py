"""Files at our end of the line: private, resumed where they were cut off, whole or not at all."""

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
def local_file_errors(place: Path) -> Iterator[None]:
    """Tell of what fails with files here as of our own failure: raise OpsError."""
    try:
        yield
    except OSError as error:
        raise OpsError(f"{error.filename or place} here: {error.strerror}", "df -h .") from None


class PartialFile:
    """A file under way, beside the place it is to have, under a lock of its own."""

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
        """Return how much of it is here."""
        return os.fstat(self._handle).st_size

    def add(self, chunk: bytes) -> None:
        """Put this at its end."""
        left = memoryview(chunk)
        while left:
            left = left[os.write(self._handle, left) :]

    def empty(self) -> None:
        """Begin it anew."""
        os.ftruncate(self._handle, 0)

    def digest(self) -> str:
        """Return the sha256 of all of it."""
        with os.fdopen(os.dup(self._handle), "rb") as file:
            file.seek(0)
            return hashlib.file_digest(file, "sha256").hexdigest()

    def keep(self) -> None:
        """Give it its name, once it is on the disk."""
        os.fsync(self._handle)
        self._part.rename(self._file)
        _sync_folder(self._file.parent)

    def drop(self) -> None:
        """Throw it away."""
        self._part.unlink(missing_ok=True)


def private_folder(folder: Path) -> None:
    """Make the folder, and those above it that are missing, for this account alone."""
    for place in reversed([folder, *folder.parents]):
        if not place.exists():
            with suppress(FileExistsError):
                place.mkdir(mode=0o700)


def digest_of(file: Path) -> str:
    """Return the sha256 of a file; empty when there is none."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def write_private(file: Path, text: str) -> None:
    """Put text into a private file, whole or not at all."""
    with PartialFile(file) as part:
        part.empty()
        part.add(text.encode())
        part.keep()


def pieces(file: Path, first: int) -> Iterator[bytes]:
    """Yield the bytes of a file from this one on."""
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
