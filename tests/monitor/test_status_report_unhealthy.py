"""When an app is in a crash loop, or unhealthy after a deploy."""

import pytest

from mantodeus_ops.monitor.status_report import (
    HEALTH,
    LOOP,
    crash_loop,
    is_unhealthy,
    status_report,
)
from tests.support.host_facts import facts_of, worker_of

ILL = {"healthy": False, "status": 500, "seconds": 0.01, "reason": "it answered 500"}


def pm2(*statuses):
    """Return what PM2 says of workers with these statuses."""
    return {"daemon": True, "workers": [worker_of(status=status) for status in statuses]}


def test_an_app_that_ended_by_itself_three_times_is_in_a_loop_and_says_so():
    crashes = {"count": LOOP, "last": {"at": 1.0, "how": "exit code 1"}}
    report = status_report(facts_of(crashes=crashes, health=ILL), app="manager")
    assert (report.data["crash_loop"], report.data["crashes"]) == (True, 3)
    assert report.error.endswith("it crashed 3 times in ten minutes, last with exit code 1")


@pytest.mark.parametrize(
    ("changes", "looping"),
    [
        ({"crashes": {"count": LOOP}}, True),
        ({"crashes": {"count": LOOP - 1}}, False),
        ({"pm2": pm2("online", "errored")}, True),
        ({"pm2": pm2("online", "stopped")}, False),
        ({"crashes": {}}, False),
    ],
)
def test_a_loop_is_what_pm2_gave_up_or_what_ended_often(changes, looping):
    assert crash_loop(facts_of(**changes)) is looping


@pytest.mark.parametrize(
    ("checks", "unhealthy"),
    [
        (None, False),
        ({}, False),
        ({HEALTH: "ok"}, False),
        ({HEALTH: "fail"}, True),
        ({HEALTH: "warning", "no errors in the log": "fail"}, False),
    ],
)
def test_only_the_health_check_says_that_the_app_itself_is_unhealthy(checks, unhealthy):
    assert is_unhealthy(checks) is unhealthy
