"""A value that nobody may see, asked once for all hosts: by a hidden prompt, a pipe or a file."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

from ..pure.env_edit import checked_name
from ..pure.errors import UsageError

_MOST_BYTES = 1 << 20


def hidden_value(name: str, given: dict[str, Any]) -> str:
    """Return the value for a variable; raise UsageError when it was typed in view or none came.

    `given` are the task's options: `value` must be empty, `from_file` names a file, `empty` asks
    for no value at all.
    """
    checked_name(name)
    if given["value"]:
        message = "a value on the command line is seen by ps and kept in the shell's history"
        raise UsageError(message, f"env.set {name}  # asks for it")
    if given["empty"]:
        return ""
    if given["from_file"]:
        return _text(_read_file(given["from_file"]), given["from_file"])
    if sys.stdin.isatty():
        return _prompted(name)
    return _text(sys.stdin.buffer.read(_MOST_BYTES + 1), "standard input")


def _read_file(place: str) -> bytes:
    try:
        with Path(place).expanduser().open("rb") as file:
            return file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{place} cannot be read: {error.strerror}", f"ls -l {place}") from None


def _text(data: bytes, origin: str) -> str:
    """Return the text that came; one line end behind it belongs to the shell, not to the value."""
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{origin} holds more than a megabyte: that is no value of a variable")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{origin} is not UTF-8 text") from None
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        message = f"nothing came from {origin}"
        raise UsageError(message, "env.set NAME --empty  # when it is to be empty")
    return value


def _prompted(name: str) -> str:
    """Return what a person typed twice, unseen."""
    try:
        value = getpass.getpass(f"Value of {name}: ")
        again = getpass.getpass(f"{name} once more: ")
    except (EOFError, KeyboardInterrupt):
        raise UsageError("no value was given; nothing was changed") from None
    if value != again:
        raise UsageError("the two values differ; nothing was changed")
    if not value:
        raise UsageError("the value is empty", f"env.set {name} --empty  # when it is to be")
    return value


def new_passphrase(place: str) -> str:
    """Return a passphrase that a person typed twice, unseen; empty for none; raise UsageError."""
    if not sys.stdin.isatty():
        message = "nobody is there to type a passphrase"
        raise UsageError(message, "ssh.keygen --no-passphrase  # whoever has the file is let in")
    try:
        typed = getpass.getpass(f"Passphrase for {place} (empty: none): ")
        again = getpass.getpass("Once more: ")
    except (EOFError, KeyboardInterrupt):
        raise UsageError("no passphrase was given; no key was made") from None
    if typed != again:
        raise UsageError("the two passphrases differ; no key was made")
    return typed


def password(user: str, host: str) -> str:
    """Return a password that a person typed once, unseen; empty when nobody is there to."""
    if not sys.stdin.isatty():
        return ""
    try:
        return getpass.getpass(f"Password of {user} on {host}, for this once: ")
    except (EOFError, KeyboardInterrupt):
        raise UsageError("no password was given; nothing was changed") from None
