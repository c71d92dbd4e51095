"""What a program on the host says beside its answer: secrets to hide, unreadable files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Protocol, TypedDict

from mantodeus_ops.errors import OpsError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.decode import bulk, small
from mantodeus_ops.remote.answers.refusals import with_sentences
from mantodeus_ops.remote.answers.typed import reader_of


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


class _Notes(TypedDict, total=False):
    secrets: list[Annotated[str, bulk]]
    unreadable: list[str]


def heard(host: AnsweringHost, answer: JsonObject) -> JsonObject:
    """Return the answer alone; its secrets are hidden from now on, its warnings are noted.

    What a part of it was refused with is a sentence there.

    Raise UnexpectedError when they are none.
    """
    notes = reader_of(_Notes)(answer)
    small("".join(notes.get("secrets", ())))
    host.add_secrets(notes.get("secrets", ()))
    for warning in notes.get("unreadable", ()):
        host.info(f"warning: {warning}")
    told = {key: value for key, value in answer.items() if key not in _Notes.__annotations__}
    return with_sentences(told, lambda refusal: host.error(refusal).message)
