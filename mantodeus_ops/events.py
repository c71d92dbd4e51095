"""Events of a running task, and the listener protocol that receives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Listener(Protocol):
    """Receives the events of one task on one host as they happen."""

    def step_started(self, step: str) -> None:
        """Receive the start of a step."""

    def step_output(self, text: str) -> None:
        """Receive output of the running step; a line may arrive in parts."""

    def step_progress(self, done: int, total: int) -> None:
        """Receive the progress of the running step in bytes; a total of 0 is unknown."""

    def step_finished(self, step: str, status: str, seconds: float) -> None:
        """Receive the end of a step: ok, failed, skipped or reused."""

    def note(self, text: str) -> None:
        """Receive a note, to be shown on a separate line."""

    def would(self, command: str) -> None:
        """Receive a command that a dry run would run now."""

    def line(self, source: str, text: str) -> None:
        """Receive a line of the app's log; source says which log."""

    def sample(self, host: str, sample: Mapping[str, Any]) -> None:
        """Receive a sample of the app's state on this host."""

    def ask(self, question: str) -> str:
        """Return the answer typed by the operator; empty without a terminal."""
        ...


class NullListener:
    """A Listener that ignores all events."""

    def step_started(self, step: str) -> None:
        """Ignore the event."""

    def step_output(self, text: str) -> None:
        """Ignore the event."""

    def step_progress(self, done: int, total: int) -> None:
        """Ignore the event."""

    def step_finished(self, step: str, status: str, seconds: float) -> None:
        """Ignore the event."""

    def note(self, text: str) -> None:
        """Ignore the event."""

    def would(self, command: str) -> None:
        """Ignore the event."""

    def line(self, source: str, text: str) -> None:
        """Ignore the event."""

    def sample(self, host: str, sample: Mapping[str, Any]) -> None:
        """Ignore the event."""

    def ask(self, question: str) -> str:
        """Return an empty answer: there is no terminal."""
        del question
        return ""
