"""Pins a host key in known_hosts: atomically, locked, with all other lines unchanged."""

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
_PUBLIC = 0o644  # host keys are not secret, and the file is shared with colleagues


def write_pin(target: SshTarget, key: str) -> Path:
    """Pin this key (kind and base64) as the host's only one; return the file; raise OpsError."""
    named = target.known_hosts
    with local_file_errors(named):
        # A link is kept: its target is replaced.
        file = _behind_links(named)
        with _ONE_WRITER, PartialFile(file) as part:
            text = _text(file) if file.exists() else ""
            mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else _PUBLIC
            part.empty()
            part.add(
                with_pinned_key(
                    text, host_pattern(target.spec.address, target.spec.port), key
                ).encode()
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
