"""Reads the state of an app: all of it in one round trip, or its health with patience."""

from __future__ import annotations

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import AnswerError
from mantodeus_ops.monitor.public_check import PublicLook, judged
from mantodeus_ops.monitor.status_report import health_report, status_report
from mantodeus_ops.remote.answers.events import WAIT_HEALTHY, Attempt, Outcome
from mantodeus_ops.remote.answers.facts import Health
from mantodeus_ops.remote.event_stream import stream
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult

_HISTORY = 50  # restarts come between deploys


def status(host: Host) -> TaskResult:
    """Return the status of the app; exit code 7 unless it is online and healthy."""
    facts = gather_facts(host, "health", "remote", "sealed", history=_HISTORY)
    env_file = str(host.app.project_dir / host.app.env_file)
    return status_report(facts, app=host.app.name, env_file=env_file)


def health(host: Host) -> TaskResult:
    """Return whether the app is healthy and why not; exit code 7 when it is not."""
    seen = wait_for_health(host)
    for line in seen.get("errors", ()):
        host.info(f"  {line}")
    outside = look_from_here(host)
    if outside and outside["warning"]:
        host.info(f"warning: {outside['warning']}")
    return health_report(seen, url=host.app.health_url, outside=outside)


def wait_for_health(host: Host) -> Health:
    """Return what a patient look at the app's health found, telling of each failed attempt."""
    seen: list[Health] = []
    tries = host.app.health.retries

    def hear(event: Attempt | Outcome) -> None:
        if "result" in event:
            seen.append(event["result"])
        elif "attempt" in event:
            host.info(f"attempt {event['attempt']} of {tries}: {event['reason']}")

    stream(host, WAIT_HEALTHY, hear, again=dict, timeout=_longest(host))
    if not seen:
        raise AnswerError(host.name, "it told of no health")
    return seen[-1]


def look_from_here(host: Host) -> PublicLook | None:
    """Return how the app looks to its users; None when the inventory names no public_url."""
    url = host.app.public_url
    if not url:
        return None
    from mantodeus_ops.monitor.http_probe import look_outside  # noqa: PLC0415 - a status needs no client of HTTP

    return judged(url, look_outside(url))


def _longest(host: Host) -> float:
    policy = host.app.health
    return policy.wait + policy.retries * policy.delay + 180
