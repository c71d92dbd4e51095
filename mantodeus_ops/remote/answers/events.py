"""Validates the events that host programs send while they run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Generic, NotRequired, TypedDict, TypeVar, final

from mantodeus_ops.events import AppSample
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.decode import Reader, bulk, json_object, small
from mantodeus_ops.remote.answers.facts import Health
from mantodeus_ops.remote.answers.typed import reader_of

T = TypeVar("T")


@final
class Line(TypedDict):
    """A line of a log."""

    line: Annotated[str, bulk]
    at: int
    source: str
    file: str
    app: NotRequired[str]


@final
class AboutLogs(TypedDict, total=False):
    """Which logs there are, or what is to be known of them."""

    sources: list[str]
    apps: list[str]
    note: str


@final
class WatchEvent(TypedDict):
    """A sample, as the program that watches tells it."""

    sample: AppSample


@final
class Unknown(TypedDict):
    """An event that is not for a person."""


@final
class Attempt(TypedDict):
    """A look at the health that failed."""

    attempt: int
    reason: str


@final
class Outcome(TypedDict, total=False):
    """What the looks at the health came to."""

    result: Health


@final
class Progress(TypedDict):
    """How far a step is."""

    progress: str
    done: int
    total: int


class _StepEnd(TypedDict, total=False):
    seconds: float


@final
class StepEvent(_StepEnd):
    """A step that begins or ends."""

    step: str
    status: str


class _Always(TypedDict, total=False):
    env: Annotated[str, small]
    beat: int


@dataclass(frozen=True, slots=True)
class EventProgram(Generic[T]):
    """A program that tells events: of one kind with this key, and of another without."""

    name: str
    key: str
    with_key: Reader[T]
    without: Reader[T]


LOGS: EventProgram[Line | AboutLogs] = EventProgram(
    "monitor/logs", "line", reader_of(Line), reader_of(AboutLogs)
)
WATCH: EventProgram[WatchEvent | Unknown] = EventProgram(
    "monitor/watch", "sample", reader_of(WatchEvent), reader_of(Unknown)
)
WAIT_HEALTHY: EventProgram[Attempt | Outcome] = EventProgram(
    "monitor/wait_healthy", "attempt", reader_of(Attempt), reader_of(Outcome)
)
JOB: EventProgram[Progress | StepEvent] = EventProgram(
    "job", "progress", reader_of(Progress), reader_of(StepEvent)
)


def event_of(program: EventProgram[T], event: object) -> T:
    """Return a checked event of this program; raise UnexpectedError."""
    checked: JsonObject = json_object(event)
    reader_of(_Always)(checked)
    return (program.with_key if program.key in checked else program.without)(checked)


def step_event(event: object) -> Progress | StepEvent:
    """Return a checked event of a job, a step or its progress; raise UnexpectedError."""
    return event_of(JOB, event)
