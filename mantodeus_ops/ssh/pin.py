"""Writes a pin: the file whole or not at all, by one at a time, all other lines as before."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.local_files import PartialFile, local_file_errors
from mantodeus_ops.remote.ssh.known_hosts import host_pattern, with_pinned_key
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.trusted_files import read_file

_ONE_WRITER = threading.Lock()
_PUBLIC = 0o644  # fingerprints are no secret, and the file is shared with colleagues


def write_pin(way: SshTarget, key: str) -> Path:
    """Make this key (kind and base64) the host's only pin; return the file; raise OpsError."""
    named = way.known_hosts
    with local_file_errors(named):
        # A link stays one: what it leads to is replaced.
        file = _behind_links(named)
        with _ONE_WRITER, PartialFile(file) as part:
            text = _text(file) if file.exists() else ""
            mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else _PUBLIC
            part.empty()
            part.add(
                with_pinned_key(text, host_pattern(way.spec.address, way.spec.port), key).encode()
            )
            part.keep()
            file.chmod(mode)
    return named


def _behind_links(named: Path) -> Path:
    try:
        return named.resolve()
    except RuntimeError as error:  # what Python says of links in a circle before 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(named)) from error


def _text(file: Path) -> str:
    try:
        return read_file(file, OpsError).decode()
    except UnicodeDecodeError:
        message = f"{file} is not UTF-8 text; nothing was pinned"
        raise OpsError(message, f"ssh-keygen -l -f {file}") from None
