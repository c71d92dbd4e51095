"""The tasks status and health."""

from __future__ import annotations

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import AnswerError
from mantodeus_ops.monitor.public_check import PublicLook, assess_public_url
from mantodeus_ops.monitor.status_report import health_report, status_report
from mantodeus_ops.remote.answers.events import WAIT_HEALTHY, Attempt, Outcome
from mantodeus_ops.remote.answers.facts import Health
from mantodeus_ops.remote.event_stream import stream
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult

_HISTORY = 50  # enough to include restarts between deploys


def status(host: Host) -> TaskResult:
    """Return the status of the app; exit code 7 unless it is online and healthy."""
    facts = gather_facts(host, "health", "remote", "sealed", history=_HISTORY)
    env_file = str(host.app.project_dir / host.app.env_file)
    return status_report(facts, app=host.app.name, env_file=env_file)


def health(host: Host) -> TaskResult:
    """Return the app's health with a reason; exit code 7 when it is unhealthy."""
    result = wait_for_health(host)
    for line in result.get("errors", ()):
        host.info(f"  {line}")
    outside = check_public_url(host)
    if outside and outside["warning"]:
        host.info(f"warning: {outside['warning']}")
    return health_report(result, url=host.app.health_url, outside=outside)


def wait_for_health(host: Host) -> Health:
    """Wait until the app is healthy; return the last answer and show failed attempts."""
    result: list[Health] = []
    tries = host.app.health.attempts

    def hear(event: Attempt | Outcome) -> None:
        if "result" in event:
            result.append(event["result"])
        elif "attempt" in event:
            host.info(f"attempt {event['attempt']} of {tries}: {event['reason']}")

    stream(host, WAIT_HEALTHY, hear, again=dict, timeout=_longest(host))
    if not result:
        raise AnswerError(host.name, "it did not report the app's health")
    return result[-1]


def check_public_url(host: Host) -> PublicLook | None:
    """Return the assessment of public_url; None when the inventory names none."""
    url = host.app.public_url
    if not url:
        return None
    from mantodeus_ops.monitor.http_probe import get_public  # noqa: PLC0415 - a status needs no client of HTTP

    return assess_public_url(url, get_public(url))


def _longest(host: Host) -> float:
    return host.app.health.seconds + 180
