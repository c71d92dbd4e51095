"""Reads the webhook secrets from the app's `.env` whenever it changes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.env.variables import WEBHOOK_SECRETS
from mantodeus_ops.errors import OpsError, PreflightError
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.redaction.secret_rules import secrets_of
from mantodeus_ops.trusted_files import read_file
from mantodeus_ops.webhook.github_events import VECTOR, is_signature, signed_by
from mantodeus_ops.webhook.secret_rules import weakness

_HINT = "webhook.secret"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Secrets:
    """The current secret and, during a rotation, the previous one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp: tuple[int, ...] = ()
        self._secrets: tuple[bytes, ...] = ()
        self._error: OpsError | None = None

    def __call__(self) -> tuple[bytes, ...]:
        """Return the secrets; raise PreflightError when none is usable."""
        stamp = _stamp(self._file)
        if stamp != self._stamp:
            self._stamp = stamp
            self._read()
        if self._error:
            raise self._error
        return self._secrets

    def _read(self) -> None:
        try:
            self._secrets, self._error = _read_secrets(self._file), None
        except OpsError as error:
            self._secrets, self._error = (), error


def check_vector() -> None:
    """Raise PreflightError unless this Python verifies the example in GitHub's documentation."""
    secret, body, signature = VECTOR
    bad = signature[:-1] + (b"8" if signature[-1:] != b"8" else b"9")
    right = signed_by(body, signature, [secret]) == 0 and signed_by(body, bad, [secret]) < 0
    if not right or not is_signature(signature):
        raise PreflightError("this Python computes wrong signatures; nothing was started")


def _stamp(file: Path) -> tuple[int, ...]:
    try:
        status = os.stat(file)  # noqa: PTH116 - for each delivery: pathlib takes twice as long
    except OSError as error:
        return (error.errno or -1,)
    return (
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _closed(file: Path, status: os.stat_result) -> None:
    if status.st_mode & _OTHERS:
        message = f"others can read {file.name}, and with it the webhook's secret"
        raise PreflightError(message, f"chmod 600 {file}")


def _read_secrets(file: Path) -> tuple[bytes, ...]:
    try:
        content = read_file(file, PreflightError, judge=_closed)
    except OSError as error:
        raise PreflightError(f"{file.name} cannot be read: {error.strerror}", _HINT) from None
    text = content.decode("utf-8", "surrogateescape")
    REDACTOR.add_secrets(secrets_of(text))
    env = parse_dotenv(text)
    values = [env.get(name, "") for name in WEBHOOK_SECRETS]
    for name, secret in zip(WEBHOOK_SECRETS, values, strict=True):
        reason = weakness(secret)
        if reason and (secret or name == WEBHOOK_SECRETS[0]):
            raise PreflightError(f"{name} in {file.name} {reason}", _HINT)
    return tuple(secret.encode("utf-8", "surrogateescape") for secret in values if secret)
