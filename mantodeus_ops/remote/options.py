"""The command-line options that all tasks share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """The common options of a run."""

    dry_run: bool = False
    as_json: bool = False
    yes: bool = False
    wait_seconds: int = 0
    here: bool = False
    reconnect_seconds: float = 60.0
