"""Show the app's status and health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mantodeus_ops.cli.task import task
from mantodeus_ops.fleet.batches import whole_number
from mantodeus_ops.monitor.watch_session import parse_minutes
from mantodeus_ops.results import TaskResult

if TYPE_CHECKING:
    from mantodeus_ops.remote.host import Host


@task(view="status", default=True)
def status(host: Host) -> TaskResult:
    """Show whether the app is up and healthy, what it runs and uses.

    fab -H manager status
    fab -H production status --json
    """
    from mantodeus_ops.monitor import status as status_flow

    return status_flow.status(host)


@task(view="health")
def health(host: Host) -> TaskResult:
    """Ask the app for its health, as a deploy does, and say why it is not healthy.

    fab -H manager health
    """
    from mantodeus_ops.monitor import status as status_flow

    return status_flow.health(host)


@task(
    view="logs",
    options={
        "lines": "Lines to show of each log (100).",
        "err": "Only the error log.",
        "webhook": "The log of the webhook instead of the app's.",
        "follow": "Go on until Ctrl-C.",
        "grep": "Only lines that match this regular expression.",
        "since": "Only lines since then: 10m, 2h, 1d, or a time.",
        "app": "Only this app of the ecosystem file.",
    },
)
def logs(  # noqa: PLR0913, PLR0917 - each is an option of the contract
    host: Host,
    lines: str = "",
    err: bool = False,
    webhook: bool = False,
    follow: bool = False,
    grep: str = "",
    since: str = "",
    app: str = "",
) -> TaskResult:
    """Show the logs of the version's apps, from where PM2 keeps them.

    fab -H manager logs --follow
    fab -H manager logs --app worker
    fab -H manager logs --err --since 10m --grep ECONN
    """
    from mantodeus_ops.monitor import logs as logs_flow

    count = whole_number(lines, "lines") if lines else 0
    query = logs_flow.LogQuery(
        count, err=err, webhook=webhook, follow=follow, grep=grep, since=since, app=app
    )
    return logs_flow.logs(host, query)


@task(view="check", options={"after": "The list for after a deploy, instead of before one."})
def check(host: Host, after: bool = False) -> TaskResult:
    """Go through the checklist: each check with evidence and a fix.

    fab -H manager check  # before a deploy
    fab -H manager check --after  # after one
    """
    from mantodeus_ops.monitor import check as check_flow

    return check_flow.check(host, after_deploy=after)


@task(view="watch", options={"minutes": "How long to watch (10)."})
def watch(host: Host, minutes: str = "10") -> TaskResult:
    """Watch the app live for a while; exit code 7 when it became unhealthy.

    fab -H production monitor.watch
    fab -H manager monitor.watch --minutes 2
    """
    from mantodeus_ops.monitor import watch as watch_flow

    return watch_flow.watch(host, seconds=parse_minutes(minutes))


@task(view="clean", changes=True)
def clean(host: Host) -> TaskResult:
    """Show how much disk space can be freed; with --yes, free it.

    fab -H manager monitor.clean
    fab -H manager monitor.clean --yes
    """
    from mantodeus_ops.monitor import cleanup

    return cleanup.clean(host)
