"""Looks at a host through a fresh login: how long it took, who answered, what a deploy needs."""

from __future__ import annotations

import time

from mantodeus_ops.errors import UnreachableError
from mantodeus_ops.remote.connect import fresh_login, ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell_script import bare
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh.host_requirements import UNKNOWN, summarize_requirements


def check(host: Host) -> TaskResult:
    """Return how the connection is and what the host has; raise UnreachableError with its keys.

    It needs nothing on the host but bash and coreutils. What a deploy lacks is in it, and is no
    failure: `deploy.setup` may be what comes next.
    """
    way, began = ssh_target(host), time.monotonic()
    try:
        with fresh_login(host, way) as (inside, arrival):
            app = host.app
            answer = bare(inside, "ssh/host_requirements", str(app.project_dir), app.pm2)
    except UnreachableError as error:
        took = round(time.monotonic() - began, 3)
        error.details = {**UNKNOWN, "connection_time_seconds": took}
        raise
    data = summarize_requirements(answer, app)
    door = {
        "connection_time_seconds": round(arrival.seconds, 3),
        "fingerprint": arrival.fingerprint,
        "server": arrival.server,
    }
    return TaskResult("success", {**data, **door})
