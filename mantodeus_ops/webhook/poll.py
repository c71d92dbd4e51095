"""The task webhook.poll: deploys a moved branch, for hosts without a receiver; run by cron."""

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
    """Deploy a new tip of the branch; return the decision; raise as deploy does.

    Revisions that failed or were rolled back are skipped, and so are apps with a held lock.
    """
    decision = poll_decision(gather_facts(host, "remote", history=_HISTORY))
    if decision.reason:
        return TaskResult("unchanged", decision.data())
    host.info(f"the branch has moved on to {short(decision.tip)}")
    try:
        done = deploy(host, DeployOptions())
    except LockHeldError as error:
        return TaskResult("unchanged", {**decision.data(), "reason": error.message})
    data = {key: value for key, value in asdict(done).items() if value is not None}
    return TaskResult(data.pop("status"), {**data, "live": decision.live})
