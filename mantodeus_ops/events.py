"""What a running task tells its listeners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Listener(Protocol):
    """Hears the steps of one task on one host as they happen."""

    def step_started(self, step: str) -> None:
        """Hear that a step began."""

    def step_output(self, text: str) -> None:
        """Hear what the running step printed; a line may come in parts."""

    def step_progress(self, done: int, total: int) -> None:
        """Hear how many bytes of how many the running step has done; a total of 0 is unknown."""

    def step_finished(self, step: str, status: str, seconds: float) -> None:
        """Hear that a step ended: ok, failed, skipped or reused."""

    def note(self, text: str) -> None:
        """Hear of something that is worth a line of its own."""

    def would(self, command: str) -> None:
        """Hear which command would be run now, were this no dry run."""

    def line(self, source: str, text: str) -> None:
        """Hear a line that the app itself wrote, and into which of its logs."""

    def sample(self, host: str, seen: Mapping[str, Any]) -> None:
        """Hear how the app on this host was seen just now."""

    def ask(self, question: str) -> str:
        """Return what a person answers; empty without a terminal."""
        ...


class NullListener:
    """A Listener that hears nothing."""

    def step_started(self, step: str) -> None:
        """Ignore it."""

    def step_output(self, text: str) -> None:
        """Ignore it."""

    def step_progress(self, done: int, total: int) -> None:
        """Ignore it."""

    def step_finished(self, step: str, status: str, seconds: float) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def would(self, command: str) -> None:
        """Ignore it."""

    def line(self, source: str, text: str) -> None:
        """Ignore it."""

    def sample(self, host: str, seen: Mapping[str, Any]) -> None:
        """Ignore it."""

    def ask(self, question: str) -> str:
        """Return nothing: there is no terminal."""
        del question
        return ""
