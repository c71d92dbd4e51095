"""A status with several apps: each is shown, and one that is down makes it degraded."""

import pytest

from mantodeus_ops import views
from mantodeus_ops.app.facts import names_in_pm2
from mantodeus_ops.monitor.checklist import before
from mantodeus_ops.monitor.status_report import crash_loop, recovery_command, status_report
from mantodeus_ops.results import TaskResult
from tests.support.host_facts import APP, facts_of, well, worker_of
from tests.support.rendered import shown


def app_of(name, status="online", **changes):
    """Return an app of the live version."""
    known = {"rests": False, "pid": 12, "restarts": 0, "memory": 75_000_000, "mode": "fork"}
    return {"name": name, "status": status, **known, **changes}


def with_apps(*apps):
    """Return what PM2 says of these apps beside the one of the inventory."""
    return {"daemon": True, "workers": [worker_of()], "apps": [app_of("manager"), *apps]}


CRON = app_of("nightly", "stopped", rests=True, pid=0)


@pytest.mark.parametrize(
    ("apps", "command"),
    [
        ((app_of("worker"), CRON), "logs --err"),
        ((app_of("worker", "errored"),), "logs --err --app worker"),
        ((app_of("the worker", "errored"),), "logs --err --app 'the worker'"),
        ((app_of("worker", "stopped"),), "restart"),
        ((app_of("worker", "missing"),), "restart"),
    ],
)
def test_the_command_is_for_the_app_that_is_down(apps, command):
    assert recovery_command(with_apps(*apps)) == command


def test_every_app_is_in_the_data_the_one_of_the_inventory_first():
    facts = facts_of(pm2=with_apps(app_of("worker"), CRON))
    told = status_report(facts, app="manager").data["apps"]
    assert [app["name"] for app in told] == ["manager", "worker", "nightly"]
    assert told[1] == {
        "name": "worker",
        "status": "online",
        "pid": 12,
        "restarts": 0,
        "memory": 75_000_000,
        "mode": "fork",
    }


def test_a_worker_that_is_down_degrades_the_status_with_the_reason_of_its_health():
    ill = {"healthy": False, "status": 200, "reason": "app worker: PM2 says errored, process none"}
    facts = facts_of(pm2=with_apps(app_of("worker", "errored")), health=ill)
    report = status_report(facts, app="manager")
    assert (report.status, report.exit_code) == ("degraded", 7)
    assert report.error == "manager is degraded: app worker: PM2 says errored, process none"
    assert crash_loop(facts)


def test_the_card_lists_apps_only_where_there_are_several():
    alone = {"pm2_status": "online", "apps": [app_of("manager")]}
    assert "process" not in shown(views.status, TaskResult("online", alone))
    several = {**alone, "apps": [app_of("manager"), CRON]}
    card = shown(views.status, TaskResult("online", several))
    assert "nightly" in card
    assert "75.0 MB" in card


def test_the_checklist_names_the_other_apps():
    (line,) = [
        line
        for line in before(APP, well(pm2=with_apps(app_of("worker"), CRON)))
        if line.name == "PM2 is running"
    ]
    assert (line.result, line.evidence) == ("ok", "1 worker; worker online, nightly stopped")


@pytest.mark.parametrize(
    ("seen", "names"),
    [
        (with_apps(app_of("worker")), ("manager", "worker")),
        ({"daemon": False, "workers": []}, ("manager",)),
    ],
)
def test_a_preview_names_the_apps_that_pm2_has(mocker, seen, names):
    host = mocker.Mock(app=APP)
    assert names_in_pm2(host, facts_of(pm2=seen)) == names
