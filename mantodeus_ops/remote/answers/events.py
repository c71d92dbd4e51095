"""The events that programs on a host tell while they run: of their own kinds, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mantodeus_ops.remote.answers import parts
from mantodeus_ops.remote.answers.decode import (
    Reader,
    bulk,
    each,
    flag,
    many,
    number,
    record,
    small,
    text,
    whole,
)

_line = record({"line": bulk, "at": whole, **each(text, "source file")})
_about_logs = record({"sources?": many(text), "note?": text})
_attempt = record({"attempt": whole, "reason": text})
_outcome = record({"result?": parts.health})
_sample = record(
    {
        "healthy": flag,
        "reason": text,
        "errors": many(text),
        **each(number, "latency memory cpu restarts crashes at left"),
    }
)
_far = record({"progress": text, "done": whole, "total": whole})
_step = record({"step": text, "status": text, "seconds?": number})
# By the program: what it tells with this key, and what it tells without.
_EVENTS: Mapping[str, tuple[str, Reader, Reader]] = {
    "monitor/logs": ("line", _line, _about_logs),
    "monitor/watch": ("sample", record({"sample": _sample}), record({})),
    "monitor/wait_healthy": ("attempt", _attempt, _outcome),
    "job": ("progress", _far, _step),
}
_any = record({"env?": small, "beat?": whole})


def event_of(program: str, event: object) -> dict[str, Any]:
    """Return an event that this program tells; raise UnexpectedError."""
    told: dict[str, Any] = _any(event)
    key, first, other = _EVENTS[program]
    return dict((first if key in told else other)(told))


def step_event(event: object) -> dict[str, Any]:
    """Return an event of a job's own program: a step, or how far it is; raise UnexpectedError."""
    return event_of("job", event)
