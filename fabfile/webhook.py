"""Push to deploy: GitHub tells of a push, a receiver on the host deploys it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ops
from .host.task import task
from .pure.batches import whole_number
from .pure.outcome import Report

if TYPE_CHECKING:
    from .host.door import Host

_WITHOUT_PM2 = {
    "without-pm2": "Let cron start the receiver after a reboot, and a shell keep it up."
}
_FINISH = {"finish": "Let go of the secret before, once GitHub has the new one."}


@task(view="polled", default=True)
def serve(host: Host) -> Report:
    """Take GitHub's deliveries here and deploy what they tell of, until told to end."""
    ops.serve.serve(host)
    return Report("success")


@task(view="webhook")
def status(host: Host) -> Report:
    """Show whether pushes come in and are deployed; ends with 7 when they do not."""
    return ops.webhook.status(host)


@task(view="receiver", changes=True, options=_WITHOUT_PM2)
def install(host: Host, without_pm2: bool = False) -> Report:
    """Put the receiver on the host and start it, now and after each reboot.

    fab -H manager webhook.secret   # first: what GitHub signs with
    fab -H manager webhook.install  # again after each change of the inventory
    fab -H manager webhook.ping     # then: all the way, as GitHub goes
    """
    return ops.receiver.install(host, without_pm2=without_pm2)


@task(view="deliveries", options={"lines": "Deliveries to show, newest first (20)."})
def deliveries(host: Host, lines: str = "20") -> Report:
    """List what GitHub sent, and what each led to."""
    return ops.webhook.deliveries(host, whole_number(lines, "lines"))


@task(
    view="delivery",
    changes=True,
    options={"delivery": "Its id as webhook.deliveries shows it; the beginning will do."},
)
def redeliver(host: Host, delivery: str) -> Report:
    """Have the receiver take up a delivery once more, as if it had just come.

    fab -H manager webhook.deliveries
    fab -H manager webhook.redeliver 0b989ba4
    """
    return ops.webhook.redeliver(host, delivery)


@task(view="secret", changes=True, options=_FINISH)
def secret(host: Host, finish: bool = False) -> Report:
    """Make a new secret for GitHub to sign with, and show it once, on a terminal.

    fab -H manager webhook.secret
    fab -H manager webhook.secret --finish  # once GitHub has it
    """
    if finish:
        return ops.webhook_secret.finish(host)
    return ops.webhook_secret.renew(host)


@task(view="pinged")
def ping(host: Host) -> Report:
    """Send a signed ping all the way that GitHub's deliveries go, and say where it ends."""
    return ops.ping.ping(host)


@task(view="polled", changes=True)
def poll(host: Host) -> Report:
    """Deploy the branch if it moved, for cron; quiet when there is nothing to do.

    fab -H manager webhook.poll
    """
    return ops.poll.poll(host)
