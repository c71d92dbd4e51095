"""What a program on the host says beside its answer: secrets to hide, unreadable files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.answers.decode import bulk, many, record, small, text
from mantodeus_ops.remote.answers.refusals import with_sentences


class AnsweringHost(Protocol):
    """What reading an answer needs of its host."""

    @property
    def name(self) -> str:
        """Return the name of the inventory."""

    def add_secrets(self, values: Iterable[str]) -> None:
        """Keep these values out of all output."""

    def info(self, text: str) -> None:
        """Tell the person something."""

    def error(self, answer: object) -> OpsError:
        """Return the refusal in this answer as an error."""


_BESIDE = record({"secrets?": many(bulk), "unreadable?": many(text)})


def heard(host: AnsweringHost, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer alone; its secrets are hidden from now on, its warnings are noted.

    What a part of it was refused with is a sentence there.

    Raise UnexpectedError when they are none.
    """
    told = _BESIDE(answer)
    small("".join(told.get("secrets", ())))
    host.add_secrets(told.pop("secrets", ()))
    for warning in told.pop("unreadable", ()):
        host.info(f"warning: {warning}")
    return with_sentences(told, lambda refusal: host.error(refusal).message)
