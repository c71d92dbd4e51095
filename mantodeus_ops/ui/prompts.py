"""Reads secret values from a hidden prompt, a pipe or a file, once for all hosts."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping

from mantodeus_ops.dotenv.edit import checked_name, typed_in_view
from mantodeus_ops.errors import UsageError
from mantodeus_ops.text.sanitize import clean, one_line
from mantodeus_ops.trusted_files import spelled_out

_MOST_BYTES = 1 << 20


def hidden_value(name: str, options: Mapping[str, object]) -> str:
    """Return the value for a variable; raise UsageError when it was typed in view or none came.

    `options` are those of the task: `value` must be empty, `from_file` names a file, `empty` asks
    for no value at all.
    """
    checked_name(name)
    if options["value"]:
        raise typed_in_view(name)
    if options["empty"]:
        return ""
    if file := str(options["from_file"]):
        return _text(_read_file(file), file)
    if sys.stdin.isatty():
        return _prompt(name)
    return _text(sys.stdin.buffer.read(_MOST_BYTES + 1), "standard input")


def _read_file(path: str) -> bytes:
    try:
        with spelled_out(path).open("rb") as file:
            return file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", f"ls -l {path}") from None


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


def _prompt(name: str) -> str:
    value = _check_repeated(
        f"Value of {name}: ", f"{name} once more: ", "value", "nothing was changed"
    )
    if not value:
        raise UsageError("the value is empty", f"env.set {name} --empty  # when it is to be")
    return value


def _check_repeated(first: str, second: str, kind: str, consequence: str) -> str:
    """Return the value that was typed twice; raise UsageError with the consequence."""
    try:
        typed, again = read_hidden(first), read_hidden(second)
    except (EOFError, KeyboardInterrupt):
        raise UsageError(f"no {kind} was given; {consequence}") from None
    if typed != again:
        raise UsageError(f"the two {kind}s differ; {consequence}")
    return typed


def new_passphrase(file: str) -> str:
    """Return a passphrase typed twice at a hidden prompt; empty for none; raise UsageError."""
    if not sys.stdin.isatty():
        message = "there is no terminal to type a passphrase at"
        raise UsageError(
            message, "ssh.keygen --no-passphrase  # the file alone is enough to log in"
        )
    question = f"Passphrase for {file} (empty: none): "
    return _check_repeated(question, "Once more: ", "passphrase", "no key was made")


def read_hidden(question: str) -> str:
    """Return a value typed at a hidden prompt; raise EOFError, KeyboardInterrupt."""
    return getpass.getpass(f"{one_line(question)} ")


def password(user: str, host: str) -> str:
    """Return a password typed at a hidden prompt; empty without a terminal."""
    if not sys.stdin.isatty():
        return ""
    try:
        return read_hidden(f"Password of {user} on {host}, for this once:")
    except (EOFError, KeyboardInterrupt):
        raise UsageError("no password was given; nothing was changed") from None


def require_terminal(*, as_json: bool) -> None:
    """Raise UsageError unless a secret can be shown on a terminal."""
    if as_json or not sys.stdout.isatty():
        message = "a new secret is shown once, and on a terminal only; nothing was changed"
        hint = "env.set WEBHOOK_SECRET --from-file FILE  # one of your own, at least 32 bytes"
        raise UsageError(message, hint)


def show_once(label: str, secret: str) -> None:
    """Show a secret on the terminal, without redaction."""
    sys.stdout.write(f"{clean(label)}{secret}\n")
    sys.stdout.flush()
