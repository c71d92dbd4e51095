"""Words about a lock's holder."""

from __future__ import annotations

from mantodeus_ops.remote.answers.lock import LockRecord
from mantodeus_ops.text.format import human_time


def holder_line(holder: LockRecord) -> str:
    """Return who holds it, from where, for what, since when."""
    who = f"{holder.get('who', 'somebody')}@{holder.get('from', 'somewhere')}"
    since = human_time(holder["since"]) if holder.get("since") else "an unknown time"
    return f"{holder.get('task', 'a task')} of {who} since {since}"


def describe(holder: LockRecord) -> str:
    """Return the sentence that refuses a second holder."""
    if holder.get("verdict") == "frozen":
        reason = f": {holder['reason']}" if holder.get("reason") else ""
        return f"deploys are frozen{reason} ({holder_line(holder)})"
    return f"the lock is held by {holder_line(holder)}; the live app is as it was"


def is_shut(holder: LockRecord) -> bool:
    """Return whether it takes a person to end it: a freeze, or a record that cannot be read."""
    return holder["verdict"] == "frozen" or (
        holder.get("kind") == "unreadable" and holder["verdict"] == "dead"
    )
