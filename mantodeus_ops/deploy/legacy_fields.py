"""The step names that the JSON of the first version used."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.remote.answers.deploy import StepRecord

_PARTS = {"git_pull": "fetch", "build": "build", "restart": "reload", "health": "health"}


_WORDS = {"ok": "success", "reused": "success", "failed": "failed"}


def part_words(steps: Iterable[StepRecord]) -> dict[str, str]:
    """Return for each part success, failed or skipped; for health healthy, unhealthy or unknown."""
    seen = {str(step["name"]): _WORDS.get(str(step["status"]), "skipped") for step in steps}
    words = {part: seen.get(name, "skipped") for part, name in _PARTS.items()}
    health = {"success": "healthy", "failed": "unhealthy"}
    return words | {"health": health.get(words["health"], "unknown")}
