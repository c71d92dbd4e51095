"""Events of a running task, and the listener protocol that receives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypedDict


@dataclass(frozen=True, slots=True)
class Step:
    """A step started, or ended: ok, failed, skipped or reused."""

    step: str
    status: str = "started"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StepOutput:
    """Output of the running step; a line may arrive in parts."""

    text: str


@dataclass(frozen=True, slots=True)
class StepProgress:
    """Progress of the running step in bytes; a total of 0 is unknown."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Note:
    """A note, shown on a separate line."""

    text: str


@dataclass(frozen=True, slots=True)
class WouldRun:
    """A command that a dry run would run."""

    command: str


@dataclass(frozen=True, slots=True)
class AppLine:
    """A line of the app's log; source says which log."""

    source: str
    text: str


class AppSample(TypedDict):
    """How the app is at one moment."""

    healthy: bool
    reason: str
    errors: list[str]
    latency: float
    memory: float
    cpu: float
    restarts: float
    crashes: float
    at: float
    left: float


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of the app's state."""

    seen: AppSample


Event = Step | StepOutput | StepProgress | Note | WouldRun | AppLine | Sample


class Listener(Protocol):
    """Receives the events of one task on one host as they happen."""

    def emit(self, event: Event) -> None:
        """Receive an event."""

    def ask(self, question: str) -> str:
        """Return the answer typed by the operator; empty without a terminal."""
        ...


class NullListener:
    """A Listener that ignores all events."""

    def emit(self, event: Event) -> None:
        """Ignore the event."""

    def ask(self, question: str) -> str:
        """Return an empty answer: there is no terminal."""
        del question
        return ""
