"""What the fleet must know of a task: its view, its options, how it is reverted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mantodeus_ops.results import TaskResult

Across = Callable[[Mapping[str, TaskResult]], Mapping[str, TaskResult]]


Revert = Callable[[Any, Mapping[str, object]], TaskResult]


@dataclass(frozen=True, slots=True)
class RevertPlan:
    """How hosts on which a task succeeded go back to what they ran before it."""

    go: Revert  # gets the host, and the data of the report that the task made there
    unless: str = ""  # the task's own option that leaves nothing to go back to


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """What the executor must know of a task beside its body."""

    changes: bool
    view: str
    may_miss: str = ""  # an option that may also stand bare, and may be missing
    across: Across | None = None  # looks at the reports of all hosts before they are shown
    asks: str = ""  # an option that is never typed: its value is asked for, once for all hosts
    reverts: RevertPlan | None = None


class FleetTask(Protocol):
    """A task as the fleet runs it; the command line makes them."""

    @property
    def name(self) -> str:
        """Return the task's name."""

    @property
    def kind(self) -> TaskSpec:
        """Return what is known of it beside its body."""

    @property
    def body(self) -> Callable[..., TaskResult]:
        """Return what runs on each host."""
