"""Handles notes beside an answer: secrets to redact and files that could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Protocol, TypedDict

from mantodeus_ops.errors import OpsError
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.decode import bulk, small
from mantodeus_ops.remote.answers.refusals import with_sentences
from mantodeus_ops.remote.answers.typed import reader_of


class AnsweringHost(Protocol):
    """The parts of Host that reading an answer needs."""

    @property
    def name(self) -> str:
        """Return the host's name in the inventory."""

    def add_secrets(self, values: Iterable[str]) -> None:
        """Redact these values in all output."""

    def info(self, text: str) -> None:
        """Show a note."""

    def error(self, answer: object) -> OpsError:
        """Return the error for the refusal in this answer."""


class _Notes(TypedDict, total=False):
    secrets: list[Annotated[str, bulk]]
    unreadable: list[str]


def read_notes(host: AnsweringHost, answer: JsonObject) -> JsonObject:
    """Return the answer alone; its secrets are hidden from now on, its warnings are noted.

    Refusals in parts of the answer become sentences. Raise UnexpectedError for invalid notes.
    """
    notes = reader_of(_Notes)(answer)
    small("".join(notes.get("secrets", ())))
    host.add_secrets(notes.get("secrets", ()))
    for warning in notes.get("unreadable", ()):
        host.info(f"warning: {warning}")
    rest = {key: value for key, value in answer.items() if key not in _Notes.__annotations__}
    return with_sentences(rest, lambda refusal: host.error(refusal).message)
