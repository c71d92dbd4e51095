"""Looks at a host through a fresh login: how long it took, who answered, what a deploy needs."""

from __future__ import annotations

import time

from ..host.bare import bare
from ..host.door import Host
from ..host.factory import arrived
from ..host.way import way_to
from ..pure.errors import UnreachableError
from ..pure.outcome import Report
from ..pure.survey import UNKNOWN, surveyed


def check(host: Host) -> Report:
    """Return how the connection is and what the host has; raise UnreachableError with its keys.

    It needs nothing on the host but bash and coreutils. What a deploy lacks is in it, and is no
    failure: `deploy.setup` may be what comes next.
    """
    way, began = way_to(host), time.monotonic()
    try:
        with arrived(host, way) as (inside, arrival):
            app = host.app
            answer = bare(inside, "survey", str(app.project_dir), app.pm2)
    except UnreachableError as error:
        took = round(time.monotonic() - began, 3)
        error.details = {**UNKNOWN, "connection_time_seconds": took}
        raise
    data = surveyed(answer, app)
    door = {
        "connection_time_seconds": round(arrival.seconds, 3),
        "fingerprint": arrival.fingerprint,
        "server": arrival.server,
    }
    return Report("success", {**data, **door})
