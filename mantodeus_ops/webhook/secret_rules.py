"""Rules of the webhook secret in `.env`: strength, replacement, removal.

While it is replaced there are two: GitHub uses the old one until it is given the new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from mantodeus_ops.dotenv.edit import Edit, set_variable, unset_variable
from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.env.variables import WEBHOOK_SECRETS, is_placeholder
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.webhook.github_events import SECRET_BYTES, VECTOR

SECRET, OLD = WEBHOOK_SECRETS
NEW_BYTES = 32  # of chance in a new one: 64 hexadecimal digits

_LEAST_LETTERS = 8  # different ones: fewer make no secret, however long


@dataclass(frozen=True, slots=True)
class Secrets:
    """What `.env` says: the secret, and the one before it while it is being replaced."""

    current: str
    old: str


def secrets_in(text: str) -> Secrets:
    """Return the secrets that an `.env` holds, each empty when not found."""
    env = parse_dotenv(text)
    return Secrets(env.get(SECRET, ""), env.get(OLD, ""))


def weakness(secret: str) -> str:
    """Return what makes this no secret, without a letter of it; empty for a good one."""
    if not secret:
        return "is not set"
    if len(secret.encode("utf-8", "surrogateescape")) < SECRET_BYTES:
        return f"has less than {SECRET_BYTES} bytes"
    if is_placeholder(secret) or secret.encode("utf-8", "surrogateescape") == VECTOR[0]:
        return "is a well-known example"
    return "" if len(set(secret)) >= _LEAST_LETTERS else "is made of a few characters only"


def secret_fault(text: str) -> str:
    """Return what speaks against the secrets in an `.env`; empty when nothing does."""
    secrets = secrets_in(text)
    if fault := weakness(secrets.current):
        return f"{SECRET} {fault}"
    fault = weakness(secrets.old) if secrets.old else ""
    return f"{OLD} {fault}" if fault else ""


def with_new_secret(text: str, new: str) -> Edit:
    """Return the `.env` with a new secret, the one before beside it when it was any good.

    Raise PreflightError while the last replacement is not finished: which of its two secrets
    GitHub has is unknown here.
    """
    secrets = secrets_in(text)
    if secrets.old:
        message = f"the last change of the secret is not finished: {OLD} is still there"
        raise PreflightError(message, "webhook.secret --finish  # once GitHub has the new one")
    text_with_old = (
        set_variable(text, OLD, secrets.current).text if not weakness(secrets.current) else text
    )
    return set_variable(text_with_old, SECRET, new)


def without_old_secret(text: str) -> Edit:
    """Return the `.env` without the secret before."""
    return unset_variable(text, OLD)
