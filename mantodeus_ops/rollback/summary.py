"""The summary of a rollback that is shown before it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mantodeus_ops.rollback.candidates import RollbackTarget
from mantodeus_ops.text.format import human_seconds, short

_HEALTH = {"good": "healthy", "bad": "unhealthy"}
_CHANGES = {"added": "comes back", "removed": "goes away", "changed": "old value"}


def describe_rollback(
    target: RollbackTarget,
    changes: Mapping[str, Sequence[str]] | None,
    *,
    now: float,
    live: tuple[str, str],
) -> list[str]:
    """Return the summary; `live` is a revision and a verdict."""
    revision, verdict = live
    lines = [f"from  {short(revision) or 'an unknown revision'}, {_HEALTH.get(verdict, 'unknown')}"]
    age = f", {human_seconds(max(0.0, now - target.at))} old" if target.at else ""
    since = ", changed since" if target.changed else ""
    version = f"{short(target.revision) or 'an unknown revision'} {target.subject}".rstrip(" ")
    lines.append(f"to    {version}, {target.verdict}{since}{age} ({target.shown})")
    other = [name for name in (*target.paths, *target.absent) if name not in target.same]
    if other:
        lines.append(f"parts {', '.join(other)}")
    if target.left:
        lines.append("      a rollback replaced that state before")
    if changes is None:
        return [*lines, ".env  is restored; the changed names are unknown"]
    env_lines = [f".env  {_CHANGES[kind]}: {', '.join(names)}" for kind, names in changes.items()]
    return [*lines, *(env_lines or [".env  does not change"])]
