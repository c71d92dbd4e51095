"""Deploys the branch when it moved: for hosts where nothing can listen, run by cron."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..host.door import Host
from ..pure.errors import LockHeldError
from ..pure.human import short
from ..pure.outcome import Report
from ..pure.poll import turn
from .deploy import Wanted, deploy
from .facts import look

_HISTORY = 200


def poll(host: Host) -> Report:
    """Return what came of a look at the branch; deploy what is new there; raise as deploy does.

    A revision that was rolled back, or that failed before, is left to people; so is an app that
    somebody else is changing now.
    """
    found = turn(look(host, "remote", history=_HISTORY))
    if found.reason:
        return Report("unchanged", found.data())
    host.note(f"the branch has moved on to {short(found.tip)}")
    try:
        done = deploy(host, Wanted())
    except LockHeldError as error:
        return Report("unchanged", {**found.data(), "reason": error.message})
    data: dict[str, Any] = {key: value for key, value in asdict(done).items() if value is not None}
    return Report(data.pop("status"), {**data, "live": found.live})
