"""The three places of a key that is being replaced: the present one, the new, and the one before.

Every move is one link or one rename, so that a cut leaves a state that says what comes next, and
the present place always holds a key that is let in.
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
    """The places of one identity."""

    private: Path

    @property
    def new(self) -> Path:
        """Return where the new key is until it takes the place."""
        return self.private.with_name(f"{self.private.name}.new")

    @property
    def old(self) -> Path:
        """Return where the key before is until no host lets it in any more."""
        return self.private.with_name(f"{self.private.name}.old")

    def is_begun(self) -> bool:
        """Return whether a new key is made."""
        return exists(self.new)

    def is_promoted(self) -> bool:
        """Return whether the new key has taken the place, and the one before is still to go."""
        return exists(self.old) and not exists(self.new)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep others from replacing keys of this folder; raise OpsError while another run does."""
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
        """Let the new key take the place; the one before stays beside it."""
        if self.old.exists() and self.old_blob() != read_public_key(self.private).blob:
            message = f"{self.old} is there and is not the key that is to be replaced"
            raise OpsError(message, f"ssh-keygen -l -f {self.old}")
        with local_file_errors(self.private):
            self.old.unlink(missing_ok=True)
            self.old.hardlink_to(self.private)
            self.new.replace(self.private)
        self.write_public_key()

    def write_public_key(self) -> None:
        """Let the .pub file be that of the key in the place; do what a cut has left of it."""
        beside = public_key_path(self.new)
        with local_file_errors(self.private):
            text = text_of(beside) if beside.exists() else ""
            comment = "".join(one.comment for one in entries(text))
            write_public_key(self.private, comment)
            beside.unlink(missing_ok=True)

    def delete_old(self) -> None:
        """Remove the key before, which no host lets in any more."""
        with local_file_errors(self.old):
            self.old.unlink()

    def old_blob(self) -> bytes:
        """Return the public half of the key before, as a host knows it."""
        return read_public_key(self.old).blob
