"""The step names that the JSON of the first version used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mantodeus_ops.remote.answers.deploy import StepRecord


_PARTS = {"git_pull": "fetch", "build": "build", "restart": "reload", "health": "health"}


_WORDS = {"ok": "success", "reused": "success", "failed": "failed"}


def part_words(steps: Iterable[StepRecord]) -> dict[str, str]:
    """Return success, failed or skipped for each part; health is healthy, unhealthy or unknown."""
    statuses = {str(step["name"]): _WORDS.get(str(step["status"]), "skipped") for step in steps}
    words = {part: statuses.get(name, "skipped") for part, name in _PARTS.items()}
    health = {"success": "healthy", "failed": "unhealthy"}
    return words | {"health": health.get(words["health"], "unknown")}
