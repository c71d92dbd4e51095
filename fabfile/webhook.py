"""Push to deploy: GitHub reports a push, and a receiver on the host deploys it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mantodeus_ops.cli.task import task
from mantodeus_ops.fleet.batches import whole_number
from mantodeus_ops.results import TaskResult

if TYPE_CHECKING:
    from mantodeus_ops.remote.host import Host

_WITHOUT_PM2 = {
    "without-pm2": "Let cron start the receiver after a reboot, and a shell keep it running."
}
_FINISH = {"finish": "Remove the old secret, once GitHub has the new one."}


@task(view="poll", default=True)
def serve(host: Host) -> TaskResult:
    """Receive GitHub's deliveries on this machine and deploy them, until stopped."""
    from mantodeus_ops.webhook import serve as serve_flow

    serve_flow.serve(host)
    return TaskResult("success")


@task(view="webhook")
def status(host: Host) -> TaskResult:
    """Show whether pushes arrive and are deployed; exit code 7 when they are not."""
    from mantodeus_ops.webhook import status as status_flow

    return status_flow.status(host)


@task(view="receiver", changes=True, options=_WITHOUT_PM2)
def install(host: Host, without_pm2: bool = False) -> TaskResult:
    """Install the receiver on the host and start it, now and after each reboot.

    fab -H manager webhook.secret   # first: what GitHub signs with
    fab -H manager webhook.install  # again after each change of the inventory
    fab -H manager webhook.ping     # then: all the way, as GitHub goes
    """
    from mantodeus_ops.webhook import install as install_flow

    return install_flow.install(host, without_pm2=without_pm2)


@task(view="deliveries", options={"lines": "Deliveries to show, newest first (20)."})
def deliveries(host: Host, lines: str = "20") -> TaskResult:
    """List GitHub's deliveries and their results."""
    from mantodeus_ops.webhook import status as status_flow

    return status_flow.deliveries(host, whole_number(lines, "lines"))


@task(
    view="delivery",
    changes=True,
    options={"delivery": "Its id as webhook.deliveries shows it; the beginning will do."},
)
def redeliver(host: Host, delivery: str) -> TaskResult:
    """Process a delivery again, as if it had just arrived.

    fab -H manager webhook.deliveries
    fab -H manager webhook.redeliver 0b989ba4
    """
    from mantodeus_ops.webhook import status as status_flow

    return status_flow.redeliver(host, delivery)


@task(view="secret", changes=True, options=_FINISH)
def secret(host: Host, finish: bool = False) -> TaskResult:
    """Create a new secret for GitHub to sign with, and show it once, on a terminal.

    fab -H manager webhook.secret
    fab -H manager webhook.secret --finish  # once GitHub has it
    """
    from mantodeus_ops.webhook import secret as secret_flow

    if finish:
        return secret_flow.finish(host)
    return secret_flow.renew(host)


@task(view="ping")
def ping(host: Host) -> TaskResult:
    """Send a signed ping over the path of GitHub's deliveries; show where it ends."""
    from mantodeus_ops.webhook import ping as ping_flow

    return ping_flow.ping(host)


@task(view="poll", changes=True)
def poll(host: Host) -> TaskResult:
    """Deploy the branch if it moved, for cron; quiet when there is nothing to do.

    fab -H manager webhook.poll
    """
    from mantodeus_ops.webhook import poll as poll_flow

    return poll_flow.poll(host)
