"""The one private key that a host is offered, and whether it may be used."""

from __future__ import annotations

import getpass
import os
import stat
import sys
import threading
from pathlib import Path

import paramiko
from paramiko.ssh_exception import PasswordRequiredException, SSHException

from ..pure.errors import IdentityError
from ..pure.fingerprint import blob_of
from ..pure.openssh_key import is_locked, public_half
from ..pure.redaction import secret_values
from .agent import agent_key, agent_keys
from .pins import fingerprint
from .veil import VEIL
from .way import Way

_PROMPT = threading.Lock()
# No passphrase is typed twice in a run, whichever name the file has by then.
_OPENED: dict[tuple[int, int, int], paramiko.PKey] = {}


def load_identity(way: Way) -> paramiko.PKey:
    """Return the host's ed25519 key; raise IdentityError when it cannot be used as it is.

    A key that the agent holds is left to the agent: named by its public half, locked by a
    passphrase, or, without an identity_file, the only one there.
    """
    path = way.identity
    if path is None:
        return _only_one(way.spec.name)
    public = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
    if path.suffix == ".pub" or (public.exists() and not path.exists()):
        return _of_agent(public)
    _refuse_exposed(path, way.spec.name)
    key = _load(path)
    if key.get_name() != "ssh-ed25519":
        message = f"{path} is a key of type {key.get_name()}; only ed25519 is offered"
        raise IdentityError(message, f"ssh-keygen -t ed25519 -f {path}_ed25519")
    return key


def remember(path: Path, key: paramiko.PKey) -> None:
    """Keep a key that was just opened, or made, for the rest of this run."""
    _OPENED[_file(path)] = key


def _file(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _only_one(name: str) -> paramiko.PKey:
    keys = agent_keys()
    if len(keys) == 1:
        return keys[0]
    known = f"the agent holds {', '.join(map(fingerprint, keys))}" if keys else "no agent has one"
    raise IdentityError(
        f"{name} has no identity_file in the inventory, and {known}",
        "set identity_file in the inventory to the key, or to the .pub of the agent's"
        if keys
        else f"set identity_file in the inventory, then fab -H {name} ssh.keygen",
    )


def _of_agent(public: Path) -> paramiko.PKey:
    try:
        words = public.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no public key"
        raise IdentityError(f"{public}: {reason}", f"ls -l {public}") from None
    if key := agent_key(blob_of(words[1] if len(words) > 1 else "")):
        return key
    private = public.with_suffix("")
    message = f"{private} is not there, and no agent holds the key of {public}"
    raise IdentityError(message, f"ssh-add {private}")


def _refuse_exposed(path: Path, name: str) -> None:
    try:
        found = path.stat()
    except OSError as error:
        reason = error.strerror or str(error)
        raise IdentityError(f"{path}: {reason}", f"fab -H {name} ssh.keygen") from None
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
        raise IdentityError(f"{path} is not a file of yours", f"ls -l {path}")
    if found.st_mode & 0o077:
        mode = f"{found.st_mode & 0o777:o}"
        raise IdentityError(f"others can read the key {path} (mode {mode})", f"chmod 600 {path}")


def _load(path: Path) -> paramiko.PKey:
    with _PROMPT:
        known = _OPENED.get(_file(path))
        if known is None:
            known = _open(path)
            remember(path, known)
        return known


def _open(path: Path) -> paramiko.PKey:
    if is_locked(path.read_text(encoding="utf-8", errors="replace")):
        return _open_locked(path)
    try:
        return paramiko.PKey.from_path(path)
    except (PasswordRequiredException, TypeError):  # of another form; TypeError: cryptography's
        return _open_locked(path)
    except Exception as error:  # noqa: BLE001 - three libraries have their own errors for no key
        raise IdentityError(
            f"{path} is not a private key: {error}", f"ssh-keygen -y -f {path}"
        ) from None


def _open_locked(path: Path) -> paramiko.PKey:
    if key := agent_key(public_half(path.read_text(encoding="utf-8", errors="replace"))):
        return key
    if not sys.stdin.isatty():
        message = f"{path} has a passphrase and neither an agent nor anybody is there to tell it"
        raise IdentityError(message, f"ssh-add {path}")
    try:
        typed = getpass.getpass(f"Passphrase for {path}: ")
        VEIL.hide(secret_values({}, also=[typed]))
        return paramiko.Ed25519Key.from_private_key_file(str(path), typed)
    except (SSHException, ValueError, OSError, EOFError):
        raise IdentityError(
            f"the passphrase does not open {path}; nothing was sent", f"ssh-keygen -y -f {path}"
        ) from None
