"""Messages about the holder of a lock."""

from __future__ import annotations

from mantodeus_ops.remote.answers.lock import LockRecord
from mantodeus_ops.text.format import human_time


def holder_line(holder: LockRecord) -> str:
    """Return the holder's task, operator, machine and start time."""
    operator = (
        f"{holder.get('who', 'an unknown account')}@{holder.get('from', 'an unknown machine')}"
    )
    since = human_time(holder["since"]) if holder.get("since") else "an unknown time"
    return f"{holder.get('task', 'a task')} of {operator} since {since}"


def describe(holder: LockRecord) -> str:
    """Return the message that refuses a second holder."""
    if holder.get("verdict") == "frozen":
        reason = f": {holder['reason']}" if holder.get("reason") else ""
        return f"deploys are frozen{reason} ({holder_line(holder)})"
    return f"the lock is held by {holder_line(holder)}; the live app is unchanged"


def is_shut(holder: LockRecord) -> bool:
    """Return whether only `unlock` ends it: a freeze, or an unreadable record."""
    return holder["verdict"] == "frozen" or (
        holder.get("kind") == "unreadable" and holder["verdict"] == "dead"
    )
