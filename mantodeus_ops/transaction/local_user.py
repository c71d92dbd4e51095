"""The local account and machine."""

from __future__ import annotations

import getpass
import os
import socket

from mantodeus_ops.errors import RootRefusedError


def operator() -> tuple[str, str]:
    """Return the local account and machine name."""
    return os.environ.get("OPS_OPERATOR") or getpass.getuser(), socket.gethostname()


def refuse_root() -> None:
    """Raise RootRefusedError when this account is root, by its uid."""
    if 0 in (os.getuid(), os.geteuid()):
        raise RootRefusedError(
            "refused to run as root (uid 0); nothing was done", "su - YOUR_ACCOUNT"
        )
