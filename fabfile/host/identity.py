"""The one private key that a host is offered, and whether it may be used."""

from __future__ import annotations

import getpass
import os
import stat
import sys
from pathlib import Path

import paramiko
from paramiko.ssh_exception import PasswordRequiredException, SSHException

from ..pure.errors import LoginRefusedError
from ..pure.inventory import HostSpec


def load_identity(spec: HostSpec, folder: Path) -> paramiko.PKey:
    """Return the host's ed25519 key; raise LoginRefusedError when it cannot be used as it is."""
    if not spec.identity_file:
        raise LoginRefusedError(
            f"{spec.name} has no identity_file in the inventory",
            f"ssh-keygen -t ed25519 -f inventory/id_{spec.name}",
        )
    path = folder / Path(spec.identity_file).expanduser()
    _refuse_exposed(path)
    key = _load(path)
    if key.get_name() != "ssh-ed25519":
        message = f"{path} is a key of type {key.get_name()}; only ed25519 is offered"
        raise LoginRefusedError(message, f"ssh-keygen -t ed25519 -f {path}_ed25519")
    return key


def _refuse_exposed(path: Path) -> None:
    try:
        found = path.stat()
    except OSError as error:
        reason = error.strerror or str(error)
        raise LoginRefusedError(f"{path}: {reason}", f"ssh-keygen -t ed25519 -f {path}") from None
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
        raise LoginRefusedError(f"{path} is not a file of yours", f"ls -l {path}")
    if found.st_mode & 0o077:
        mode = f"{found.st_mode & 0o777:o}"
        raise LoginRefusedError(
            f"others can read the key {path} (mode {mode})", f"chmod 600 {path}"
        )


def _load(path: Path) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_path(path)
    except (PasswordRequiredException, TypeError):  # TypeError: what cryptography says of it
        return _load_locked(path)
    except Exception as error:  # noqa: BLE001 - three libraries have their own errors for no key
        raise LoginRefusedError(
            f"{path} is not a private key: {error}", f"ssh-keygen -y -f {path}"
        ) from None


def _load_locked(path: Path) -> paramiko.PKey:
    if not sys.stdin.isatty():
        raise LoginRefusedError(
            f"{path} has a passphrase and nobody is there to type it", f"ssh-keygen -p -f {path}"
        )
    try:
        typed = getpass.getpass(f"Passphrase for {path}: ")
        return paramiko.Ed25519Key.from_private_key_file(str(path), typed)
    except (SSHException, ValueError, OSError):
        raise LoginRefusedError(
            f"the passphrase does not open {path}", f"ssh-keygen -y -f {path}"
        ) from None
