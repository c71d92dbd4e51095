"""Deploys the branch when it moved: for hosts where nothing can listen, run by cron."""

from __future__ import annotations

from dataclasses import asdict

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.deploy.deploy import DeployOptions, deploy
from mantodeus_ops.errors import LockHeldError
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import short
from mantodeus_ops.webhook.poll_decision import poll_decision

_HISTORY = 200


def poll(host: Host) -> TaskResult:
    """Return what came of a look at the branch; deploy what is new there; raise as deploy does.

    A revision that was rolled back, or that failed before, is left to people; so is an app that
    somebody else is changing now.
    """
    found = poll_decision(gather_facts(host, "remote", history=_HISTORY))
    if found.reason:
        return TaskResult("unchanged", found.data())
    host.info(f"the branch has moved on to {short(found.tip)}")
    try:
        done = deploy(host, DeployOptions())
    except LockHeldError as error:
        return TaskResult("unchanged", {**found.data(), "reason": error.message})
    data = {key: value for key, value in asdict(done).items() if value is not None}
    return TaskResult(data.pop("status"), {**data, "live": found.live})
