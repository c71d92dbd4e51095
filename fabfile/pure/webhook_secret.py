"""The secret that GitHub signs with, as it stands in `.env`: whether it will do, made anew, let go.

While it is replaced there are two: GitHub has the old one until a person has told it the new one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dotenv import parse_dotenv
from .env_edit import Edit, set_variable, unset_variable
from .errors import PreflightError
from .github import SECRET_BYTES, VECTOR
from .variables import is_placeholder

SECRET = "WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
OLD = "WEBHOOK_SECRET_OLD"
NEW_BYTES = 32  # of chance in a new one: 64 hexadecimal digits

_SAMPLES = frozenset({VECTOR[0].decode(), "It's a Secret to Everyone"})


@dataclass(frozen=True, slots=True)
class Secrets:
    """What `.env` says: the secret, and the one before it while it is being replaced."""

    current: str
    old: str


def secrets_in(text: str) -> Secrets:
    """Return the secrets that an `.env` holds, each empty when it is not there."""
    env = parse_dotenv(text)
    return Secrets(env.get(SECRET, ""), env.get(OLD, ""))


def value_fault(value: str) -> str:
    """Return why a value is no secret to trust, without a letter of it; empty for a good one."""
    if not value:
        return "is not set"
    if value in _SAMPLES or is_placeholder(value):
        return "is a sample that everybody knows"
    if len(value.encode("utf-8", "surrogateescape")) < SECRET_BYTES:
        return f"is shorter than {SECRET_BYTES} bytes"
    if len(set(value)) < 8 or re.fullmatch(r"(.{1,8})\1+", value):  # noqa: PLR2004 - as in a repeated word
        return "repeats itself"
    return ""


def secret_fault(text: str) -> str:
    """Return what speaks against the secrets in an `.env`; empty when nothing does."""
    found = secrets_in(text)
    if fault := value_fault(found.current):
        return f"{SECRET} {fault}"
    fault = value_fault(found.old) if found.old else ""
    return f"{OLD} {fault}" if fault else ""


def with_new_secret(text: str, new: str) -> Edit:
    """Return the `.env` with a new secret, the one before beside it when it was any good.

    Raise PreflightError while the last replacement is not finished: which of its two secrets
    GitHub has, nobody here knows.
    """
    found = secrets_in(text)
    if found.old:
        message = f"the last change of the secret is not finished: {OLD} is still there"
        raise PreflightError(message, "webhook.secret --finish  # once GitHub has the new one")
    kept = set_variable(text, OLD, found.current).text if not value_fault(found.current) else text
    return set_variable(kept, SECRET, new)


def without_old_secret(text: str) -> Edit:
    """Return the `.env` without the secret before."""
    return unset_variable(text, OLD)
