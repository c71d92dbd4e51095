"""What a running task reports while it runs, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """A step has started, or ended: ok, failed, skipped or reused."""

    step: str
    status: str = "started"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StepOutput:
    """The running step printed this; a line may come in parts."""

    text: str


@dataclass(frozen=True, slots=True)
class StepProgress:
    """The running step has done so many bytes; a total of 0 is unknown."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something is worth a line."""

    text: str


@dataclass(frozen=True, slots=True)
class WouldRun:
    """A dry run came to this command."""

    command: str


@dataclass(frozen=True, slots=True)
class AppLine:
    """The app itself wrote a line into this log."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """How the app is just now."""

    seen: Mapping[str, Any]


Event = Step | StepOutput | StepProgress | Note | WouldRun | AppLine | Sample


class Listener(Protocol):
    """Receives what happens in one task on one host, as it happens."""

    def emit(self, event: Event) -> None:
        """Take in what happened."""

    def ask(self, question: str) -> str:
        """Return the answer typed by the operator; empty without a terminal."""
        ...


class NullListener:
    """A Listener that shows nothing."""

    def emit(self, event: Event) -> None:
        """Ignore it."""

    def ask(self, question: str) -> str:
        """Return an empty answer: there is no terminal."""
        del question
        return ""
