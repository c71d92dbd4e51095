"""Verifies and parses GitHub's deliveries, and decides the answer.

The signature of the raw bytes is verified before the body is parsed. Answers are constants: they
never contain a part of the request.
"""

from __future__ import annotations

import hmac
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.text.sanitize import one_line

T = TypeVar("T")
Body = bytes | bytearray
SECRET_BYTES = 32  # the minimum length of a secret
# The example in GitHub's documentation: secret, body, and their signature.
VECTOR = (
    b"It's a Secret to Everybody",
    b"Hello, World!",
    b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
)

_SIGNATURE = re.compile(rb"sha256=[0-9a-f]{64}")
_EVENT = re.compile(rb"[a-z][a-z0-9_]{0,63}")
_REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST_NUMBER = 30  # digits; GitHub's ids are much shorter
_LONGEST_TEXT = 200  # characters that are kept of a text in a request
_SKIP = re.compile(r"\[(?:skip deploy|deploy skip|no deploy)\]", re.IGNORECASE)
_BRANCH = "refs/heads/"


class MalformedError(Exception):
    """A signed body that is not a valid delivery, with the reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request: status code, outcome for the records, and reason."""

    code: int
    outcome: str  # accepted, pong, seen, ignored, refused
    reason: str

    @property
    def body(self) -> bytes:
        """Return the text of the answer."""
        return f"{self.reason}\n".encode()


ACCEPTED = Answer(202, "accepted", "accepted")
PONG = Answer(200, "pong", "pong")
SEEN = Answer(200, "seen", "already seen")
REFUSALS: Mapping[int, Answer] = {
    code: Answer(code, "refused", reason)
    for code, reason in {
        400: "malformed",
        401: "no valid signature",
        404: "not here",
        405: "another method",
        411: "Content-Length is missing",
        413: "too large",
        415: "only application/json",
        429: "too many",
        431: "header too large",
        503: "not now",
    }.items()
}


def ignored(reason: str) -> Answer:
    """Return the answer to an ignored delivery, with the reason."""
    return Answer(200, "ignored", f"ignored: {reason}")


@dataclass(frozen=True, slots=True)
class Expected:
    """The repository (id 0: any) and branch whose pushes are accepted."""

    repository: str  # owner/name; empty: not compared
    repository_id: int
    branch: str


@dataclass(frozen=True, slots=True)
class Push:
    """A push from GitHub's payload; texts are sanitized and shortened."""

    ref: str
    before: str
    after: str
    repository: str
    repository_id: int
    forced: bool
    deleted: bool
    pusher: str
    subject: str


def signature_of(secret: bytes, body: Body) -> bytes:
    """Return the value of X-Hub-Signature-256 for this body."""
    return b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode()


def is_signature(header: bytes) -> bool:
    """Return whether the header has the form of one signature, in lower case."""
    return bool(_SIGNATURE.fullmatch(header))


def is_event(header: bytes) -> bool:
    """Return whether the header has the form of an event name, present or future."""
    return bool(_EVENT.fullmatch(header))


def signed_by(body: Body, header: bytes, secrets: Sequence[bytes]) -> int:
    """Return the index of the secret that signed the body, or -1; compare in constant time."""
    if not is_signature(header):
        return -1
    index_found = -1
    for index, secret in enumerate(secrets):
        if hmac.compare_digest(signature_of(secret, body), header) and index_found < 0:
            index_found = index
    return index_found


def full_name(repository: str) -> str:
    """Return owner/name of a repository's URL; empty for an empty one."""
    path = re.sub(r"^[a-z+]+://[^/]*|^[^/:]+:", "", repository.rstrip("/")).removesuffix(".git")
    return "/".join(path.strip("/").split("/")[-2:])


def decide(event: str, body: Body, expected: Expected) -> tuple[Answer, Push | None]:
    """Return the answer to a signed delivery, and the push if it is one; raise MalformedError."""
    payload = read_payload(body)
    if event == "ping":
        return PONG, None
    if event != "push":
        return ignored("no push"), None
    push = read_push(payload)
    return decide_push(push, expected), push


def decide_push(push: Push, expected: Expected) -> Answer:
    """Return whether this push is accepted, or why it is ignored."""
    name, number = expected.repository.casefold(), expected.repository_id
    reasons = {
        "another repository": bool(name) and push.repository.casefold() != name,
        "another repository of this name": bool(number) and push.repository_id != number,
        "a deletion": push.deleted or not push.after.strip("0"),
        "no branch": not push.ref.startswith(_BRANCH),
        "another branch": push.ref != _BRANCH + expected.branch,
        "the commit says to skip": bool(_SKIP.search(push.subject)),
    }
    return next((ignored(reason) for reason, true in reasons.items() if true), ACCEPTED)


def read_payload(body: Body) -> JsonObject:
    """Return the body's JSON object; raise MalformedError.

    It must be UTF-8, without duplicate names, non-finite numbers, or numbers longer than any id.
    """
    try:
        payload = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_int=_number,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except UnicodeDecodeError:
        raise MalformedError("the body is not UTF-8") from None
    except RecursionError:
        raise MalformedError("the body is nested too deep") from None
    except ValueError as error:
        raise MalformedError(f"the body is not JSON: {one_line(str(error))[:80]}") from None
    if not isinstance(payload, dict):
        raise MalformedError("the body is not a JSON object")
    return payload


def read_push(payload: Mapping[str, object]) -> Push:
    """Return the push in a payload; raise MalformedError when a field is missing or invalid."""
    repository = _part(payload, "repository", dict)
    head = payload.get("head_commit")
    message = head.get("message") if isinstance(head, dict) else ""
    return Push(
        ref=_text(payload, "ref"),
        before=_revision(payload, "before"),
        after=_revision(payload, "after"),
        repository=_text(repository, "full_name"),
        repository_id=_part(repository, "id", int),
        forced=_part(payload, "forced", bool),
        deleted=_part(payload, "deleted", bool),
        pusher=_text(_part(payload, "pusher", dict), "name"),
        subject=one_line(message)[:_LONGEST_TEXT] if isinstance(message, str) else "",
    )


def _part(payload: Mapping[str, object], name: str, kind: type[T]) -> T:
    value = payload.get(name)
    if type(value) is not kind:  # isinstance would accept a bool as a number
        raise MalformedError(f"{name} is missing or of the wrong type")
    return value


def _text(payload: Mapping[str, object], name: str) -> str:
    value = _part(payload, name, str)
    # A text with control characters matches no name here; sanitizing must not make it match one.
    return value if _is_plain(value) else f"?{one_line(value)}"[:_LONGEST_TEXT]


def _is_plain(value: str) -> bool:
    return len(value) <= _LONGEST_TEXT and value == one_line(value)


def _revision(payload: Mapping[str, object], name: str) -> str:
    value = _text(payload, name)
    if not _REVISION.fullmatch(value):
        raise MalformedError(f"{name} is not a revision")
    return value


def _once(pairs: list[tuple[str, object]]) -> JsonObject:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ValueError("an object has a duplicate name")
    return unique


def _number(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(digits)


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("a number is not valid JSON")
    return number
