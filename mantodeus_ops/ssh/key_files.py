"""Creates and reads key pair files; private keys are never overwritten."""

from __future__ import annotations

import os
import stat
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from mantodeus_ops.errors import OpsError, UsageError
from mantodeus_ops.remote.local_files import local_file_errors, private_folder
from mantodeus_ops.remote.ssh.fingerprint import kind_of
from mantodeus_ops.remote.ssh.private_key_header import is_locked, public_half
from mantodeus_ops.ssh.authorized_keys import Entry, public_key, words
from mantodeus_ops.text.sanitize import fields
from mantodeus_ops.trusted_files import read_file

if TYPE_CHECKING:
    import paramiko

_MOST_BYTES = 100_000
_LONGEST_PASSPHRASE = 72  # bytes: what the form of OpenSSH's private keys has room for


def public_key_path(private: Path) -> Path:
    """Return the path of the public key file."""
    return private.with_name(f"{private.name}.pub")


def exists(private: Path) -> bool:
    """Return whether the private key exists; an empty file of an interrupted run is deleted.

    Raise OpsError when the file is not an ed25519 key of this account.
    """
    try:
        status = private.lstat()
    except FileNotFoundError:
        return False
    if stat.S_ISREG(status.st_mode) and status.st_size == 0 and status.st_uid == os.getuid():
        private.unlink()
        return False
    if kind_of(_half(private)) != "ssh-ed25519":
        message = f"{private} exists and is not an ed25519 key; it is never overwritten"
        raise OpsError(message, f"ssh-keygen -l -f {private}")
    return True


def read_public_key(private: Path) -> Entry:
    """Return the public key of a private key file, with the comment of its .pub file.

    Raise OpsError when the private key file does not hold its public key.
    """
    blob, beside = _half(private), public_key_path(private)
    with local_file_errors(beside):
        text = text_of(beside) if beside.exists() else ""
    if not blob and not private.exists():
        return public_key(text, str(beside))
    if not blob:
        raise OpsError(f"{private} does not hold its public key", f"ssh-keygen -y -f {private}")
    comment = [*fields(text, 3), "", "", ""][2]
    return Entry(1, "", kind_of(blob), blob, comment)


def has_passphrase(private: Path) -> bool:
    """Return whether the key is encrypted."""
    return is_locked(text_of(private))


def text_of(file: Path) -> str:
    """Return the text of a key file; raise OpsError for other files."""
    return read_file(file, OpsError, _MOST_BYTES).decode(errors="replace")


def generate(private: Path, passphrase: str, comment: str) -> Entry:
    """Make an ed25519 pair, 600 and 644, its new folders 700; return the public half.

    The private half goes straight into its own file, which must not exist yet.
    """
    if len(passphrase.encode()) > _LONGEST_PASSPHRASE:
        raise UsageError(f"a passphrase has at most {_LONGEST_PASSPHRASE} bytes")
    text, key = _generate(passphrase)
    with local_file_errors(private):
        _prepare(private.parent)
        _write(private, text)
        _remember(text, key)
    write_public_key(private, comment)
    return read_public_key(private)


def write_public_key(private: Path, comment: str) -> None:
    """Write the .pub file of a private key, whole or not at all."""
    entry, beside = read_public_key(private), public_key_path(private)
    part = beside.with_name(f"{beside.name}.part")
    with local_file_errors(beside):
        part.write_text(f"{words(entry)} {comment or entry.comment}".rstrip(" ") + "\n")
        part.chmod(0o644)
        part.replace(beside)


def _half(private: Path) -> bytes:
    with local_file_errors(private):
        text = text_of(private) if private.exists() else ""
    return public_half(text)


def _generate(passphrase: str) -> tuple[bytes, paramiko.PKey]:
    import paramiko  # noqa: PLC0415 - costs 100 ms, and only a new key needs it
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    lock = form.BestAvailableEncryption(passphrase.encode()) if passphrase else form.NoEncryption()
    private_key = Ed25519PrivateKey.generate()
    text = private_key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, lock)
    key = paramiko.Ed25519Key.from_private_key(StringIO(text.decode()), passphrase or None)
    return text, key


def _remember(text: bytes, key: paramiko.PKey) -> None:
    from mantodeus_ops.remote.ssh.identity import remember  # noqa: PLC0415 - as above

    remember(text, key)


def _prepare(folder: Path) -> None:
    private_folder(folder)
    status = folder.stat()
    if status.st_uid == os.getuid() and folder.name == ".ssh" and status.st_mode & 0o077:
        folder.chmod(0o700)
    if folder.stat().st_mode & 0o022:
        raise OpsError(f"others can write in {folder}; no key is put there", f"chmod 700 {folder}")


def _write(private: Path, text: bytes) -> None:
    handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(handle, 0o600)
        os.write(handle, text)
        os.fsync(handle)
    except BaseException:
        private.unlink()
        raise
    finally:
        os.close(handle)
