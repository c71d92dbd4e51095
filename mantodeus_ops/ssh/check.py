"""The task ssh.check: a new login, and the requirements of a deploy."""

from __future__ import annotations

import time

from mantodeus_ops.errors import UnreachableError
from mantodeus_ops.remote.connect import fresh_login, ssh_target
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell_script import query_shell
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ssh.host_requirements import UNKNOWN, summarize_requirements


def check(host: Host) -> TaskResult:
    """Return facts about the connection and the host; raise UnreachableError with their keys.

    The host needs only bash and coreutils. Missing requirements are listed, but are no failure:
    `deploy.setup` may come next.
    """
    target, began = ssh_target(host), time.monotonic()
    try:
        with fresh_login(host, target) as (inside, arrival):
            app = host.app
            places = (str(app.project_dir), app.pm2, app.root)
            answer = query_shell(inside, "ssh/host_requirements", *places)
    except UnreachableError as error:
        took = round(time.monotonic() - began, 3)
        error.details = {**UNKNOWN, "connection_time_seconds": took}
        raise
    data = summarize_requirements(answer, app)
    login = {
        "connection_time_seconds": round(arrival.seconds, 3),
        "fingerprint": arrival.fingerprint,
        "server": arrival.server,
    }
    return TaskResult("success", {**data, **login})
