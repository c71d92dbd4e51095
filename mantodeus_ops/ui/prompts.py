"""A value that must stay unseen, asked once for all hosts: by a hidden prompt, a pipe or a file."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from mantodeus_ops.dotenv.edit import checked_name, typed_in_view
from mantodeus_ops.errors import UsageError
from mantodeus_ops.text.sanitize import clean, one_line
from mantodeus_ops.trusted_files import spelled_out

_MOST_BYTES = 1 << 20


def hidden_value(name: str, given: dict[str, Any]) -> str:
    """Return the value for a variable; raise UsageError when it was typed in view or none came.

    `given` are the task's options: `value` must be empty, `from_file` names a file, `empty` asks
    for no value at all.
    """
    checked_name(name)
    if given["value"]:
        raise typed_in_view(name)
    if given["empty"]:
        return ""
    if given["from_file"]:
        return _text(_read_file(given["from_file"]), given["from_file"])
    if sys.stdin.isatty():
        return _prompted(name)
    return _text(sys.stdin.buffer.read(_MOST_BYTES + 1), "standard input")


def _read_file(place: str) -> bytes:
    try:
        with spelled_out(place).open("rb") as file:
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
    value = _typed_twice(
        f"Value of {name}: ", f"{name} once more: ", "value", "nothing was changed"
    )
    if not value:
        raise UsageError("the value is empty", f"env.set {name} --empty  # when it is to be")
    return value


def _typed_twice(first: str, second: str, what: str, left: str) -> str:
    """Return what a person typed twice, unseen; raise UsageError, with how that leaves things."""
    try:
        typed, again = unseen(first), unseen(second)
    except (EOFError, KeyboardInterrupt):
        raise UsageError(f"no {what} was given; {left}") from None
    if typed != again:
        raise UsageError(f"the two {what}s differ; {left}")
    return typed


def new_passphrase(place: str) -> str:
    """Return a passphrase that a person typed twice, unseen; empty for none; raise UsageError."""
    if not sys.stdin.isatty():
        message = "there is no terminal to type a passphrase at"
        raise UsageError(
            message, "ssh.keygen --no-passphrase  # the file alone is enough to log in"
        )
    question = f"Passphrase for {place} (empty: none): "
    return _typed_twice(question, "Once more: ", "passphrase", "no key was made")


def unseen(question: str) -> str:
    """Return what a person types unseen; raise EOFError, KeyboardInterrupt."""
    return getpass.getpass(f"{one_line(question)} ")


def password(user: str, host: str) -> str:
    """Return a password that a person typed once, unseen; empty without a terminal."""
    if not sys.stdin.isatty():
        return ""
    try:
        return unseen(f"Password of {user} on {host}, for this once:")
    except (EOFError, KeyboardInterrupt):
        raise UsageError("no password was given; nothing was changed") from None


def refuse_unseen(*, as_json: bool) -> None:
    """Raise UsageError unless a person is there to see a secret, on a terminal."""
    if as_json or not sys.stdout.isatty():
        message = "a new secret is shown once, and on a terminal only; nothing was changed"
        hint = "env.set WEBHOOK_SECRET --from-file FILE  # one of your own, at least 32 bytes"
        raise UsageError(message, hint)


def show_once(label: str, secret: str) -> None:
    """Show a secret to the person at the terminal, past everything that hides it."""
    sys.stdout.write(f"{clean(label)}{secret}\n")
    sys.stdout.flush()
