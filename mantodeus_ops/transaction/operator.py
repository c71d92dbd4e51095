"""Who is at our end."""

from __future__ import annotations

import getpass
import os
import socket

from mantodeus_ops.errors import RootRefusedError


def operator() -> tuple[str, str]:
    """Return the account and the machine that this run comes from."""
    return os.environ.get("OPS_OPERATOR") or getpass.getuser(), socket.gethostname()


def refuse_root() -> None:
    """Raise RootRefusedError when we are root, by number: a name can be anything."""
    if 0 in (os.getuid(), os.geteuid()):
        raise RootRefusedError(
            "refused to run as root (uid 0); nothing was done", "su - YOUR_ACCOUNT"
        )
