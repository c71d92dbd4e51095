"""The three files of a key being rotated: KEY, KEY.new and KEY.old.

Each change is one link or rename, so that an interrupted rotation can be resumed, and KEY is
always an authorized key.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.local_files import local_file_errors
from mantodeus_ops.ssh.authorized_keys import entries
from mantodeus_ops.ssh.key_files import (
    exists,
    public_key_path,
    read_public_key,
    text_of,
    write_public_key,
)

_ONE_THREAD = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeySlots:
    """The files of one identity."""

    private: Path

    @property
    def new(self) -> Path:
        """Return the path of the new key before it is promoted."""
        return self.private.with_name(f"{self.private.name}.new")

    @property
    def old(self) -> Path:
        """Return the path of the old key until all hosts have removed it."""
        return self.private.with_name(f"{self.private.name}.old")

    def is_begun(self) -> bool:
        """Return whether a new key exists."""
        return exists(self.new)

    def is_promoted(self) -> bool:
        """Return whether the new key was promoted and the old one must still be removed."""
        return exists(self.old) and not exists(self.new)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Lock key rotation in this folder; raise OpsError while another run holds the lock."""
        with local_file_errors(self.private), _ONE_THREAD:
            handle = os.open(self.private.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield
            except BlockingIOError:
                message = f"another run is replacing keys in {self.private.parent}"
                raise OpsError(message, "ssh.rotate  # again, once it has ended") from None
            finally:
                os.close(handle)

    def promote(self) -> None:
        """Rename the new key to KEY; the old one stays as KEY.old."""
        if self.old.exists() and self.old_blob() != read_public_key(self.private).blob:
            message = f"{self.old} exists and is not the key to be replaced"
            raise OpsError(message, f"ssh-keygen -l -f {self.old}")
        with local_file_errors(self.private):
            self.old.unlink(missing_ok=True)
            self.old.hardlink_to(self.private)
            self.new.replace(self.private)
        self.write_public_key()

    def write_public_key(self) -> None:
        """Write the .pub file of KEY; finish an interrupted promotion."""
        beside = public_key_path(self.new)
        with local_file_errors(self.private):
            text = text_of(beside) if beside.exists() else ""
            comment = "".join(entry.comment for entry in entries(text))
            write_public_key(self.private, comment)
            beside.unlink(missing_ok=True)

    def delete_old(self) -> None:
        """Delete the old key, which no host accepts any more."""
        with local_file_errors(self.old):
            self.old.unlink()

    def old_blob(self) -> bytes:
        """Return the old public key."""
        return read_public_key(self.old).blob
