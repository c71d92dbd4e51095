import pytest

from mantodeus_ops.monitor.public_check import assess_public_url
from mantodeus_ops.monitor.status_report import (
    health_report,
    last_deploy,
    recovery_command,
    status_report,
)
from mantodeus_ops.results import TaskResult
from tests.support.host_facts import NEW, OLD, facts_of, worker_of

HEALTHY = {"healthy": True, "status": 200, "seconds": 0.01}
ILL = {"healthy": False, "status": 500, "seconds": 0.01, "reason": "it answered 500: no database"}


def pm2(*workers, **changes):
    """Return what PM2 says when it has these workers."""
    return {"daemon": True, "workers": list(workers), **changes}


STOPPED, ERRORED = worker_of(status="stopped"), worker_of(status="errored")


@pytest.mark.parametrize(
    ("seen", "health", "status"),
    [
        (pm2(worker_of()), HEALTHY, "online"),
        (pm2(worker_of(), worker_of()), HEALTHY, "online"),
        (pm2(worker_of()), ILL, "degraded"),
        (pm2(worker_of()), None, "degraded"),
        (pm2(worker_of(), worker_of(status="errored")), HEALTHY, "degraded"),
        (pm2(worker_of(status="stopped")), ILL, "offline"),
        (pm2(worker_of(status="errored")), HEALTHY, "offline"),
        (pm2(), HEALTHY, "offline"),
        (pm2(daemon=False), ILL, "offline"),
    ],
)
def test_an_app_is_online_only_when_every_worker_is_and_it_is_healthy(seen, health, status):
    report = status_report(facts_of(pm2=seen, health=health), app="manager")
    assert (report.status, report.exit_code) == (status, 0 if status == "online" else 7)
    assert bool(report.error) == bool(report.hint) == (status != "online")


@pytest.mark.parametrize(
    ("seen", "reason", "word"),
    [
        (pm2(daemon=False), "offline: the PM2 daemon is not running", "daemon down"),
        (pm2(), "offline: PM2 knows no app named manager", "missing"),
        (pm2(error="spawn ENOENT"), "offline: spawn ENOENT", "unknown"),
        (pm2(STOPPED), "offline: it answered 500: no database", "stopped"),
        (pm2(worker_of(), ERRORED), "degraded: it answered 500: no database", "errored, online"),
    ],
)
def test_a_red_status_says_why(seen, reason, word):
    report = status_report(facts_of(pm2=seen, health=ILL), app="manager")
    assert report.error == f"manager is {reason}"
    assert (report.data["pm2_status"], report.data["health"]) == (word, "unhealthy")


@pytest.mark.parametrize(
    ("seen", "command"),
    [
        (pm2(STOPPED), "restart"),
        (pm2(), "restart"),
        (pm2(STOPPED, worker_of()), "logs --err"),
        (pm2(error="spawn ENOENT"), "logs --err"),
    ],
)
def test_what_runs_is_mended_by_a_look_at_its_logs_and_what_does_not_by_a_start(seen, command):
    assert recovery_command(seen) == command


def test_an_app_that_is_degraded_always_says_why():
    seen = pm2(worker_of(), worker_of(status="errored"))
    report = status_report(facts_of(pm2=seen, health=HEALTHY), app="manager")
    assert report.error == "manager is degraded: 1 of 2 workers not online"


def test_the_data_of_a_status_are_the_contract_s():
    backups = [
        {"name": "b1", "sequence": 1, "verdict": "good"},
        {"name": "b2", "sequence": 2, "verdict": "good", "at": 100.0},
        {"name": "b3", "sequence": 3, "verdict": "bad"},
    ]
    workers = pm2(worker_of(restarts=2), worker_of(age=500.2))
    facts = facts_of(pm2=workers, backups=backups, history=[{"task": "deploy"}])
    data = status_report(facts, app="manager").data
    assert data == {
        "pm2_status": "online",
        "health": "healthy",
        "uptime_seconds": 500,
        "uptime_human": "8 min 20 s",
        "memory_mb": 150.0,
        "cpu_percent": 3.0,
        "restarts": 2,
        "crashes": 0,
        "crash_loop": False,
        "apps": [],
        "git_commit": OLD,
        "git_branch": "main",
        "git_uncommitted_changes": 0,
        "remote_commit": "",
        "behind": None,
        "behind_reason": "",
        "backups": 3,
        "last_good_backup": "b2",
        "last_good_backup_age_seconds": 1900,
        "lock": "",
        "last_deploy": {"task": "deploy"},
        "disk_free_bytes": 50 * 10**9,
    }


def test_an_uptime_is_the_age_of_the_youngest_process_whatever_the_clock_says():
    down = status_report(facts_of(pm2=pm2(worker_of(status="stopped"))), app="manager").data
    assert (down["uptime_seconds"], down["uptime_human"]) == (0, "")
    for now in (10.0, 2_000.0, 9e9):
        seen = status_report(facts_of(now=now, pm2=pm2(worker_of(age=1999.5))), app="manager").data
        assert seen["uptime_seconds"] == 1999


def test_a_status_tells_what_the_host_was_asked_besides():
    facts = facts_of(
        crashes={"count": 2, "last": {"how": "exit code 1"}},
        git={"head": OLD, "branch": "main", "dirty": ["a", "b"]},
        remote={"head": NEW, "behind": 3, "error": "it is old"},
        pm2=pm2(worker_of(memory=150_050_010, cpu=1.26)),
    )
    expected = {
        "memory_mb": 150.1,
        "cpu_percent": 1.3,
        "crashes": 2,
        "crash_loop": False,
        "git_uncommitted_changes": 2,
        "remote_commit": NEW,
        "behind": 3,
        "behind_reason": "it is old",
        "last_good_backup": "",
        "last_good_backup_age_seconds": None,
    }
    assert expected.items() <= status_report(facts, app="manager").data.items()


def test_of_a_directory_without_git_or_a_host_without_a_history_of_ends_nothing_is_known():
    facts = facts_of(git={}, now=50.0, backups=[{"name": "b", "verdict": "good", "at": 100.0}])
    del facts["crashes"]
    expected = {
        "git_commit": "",
        "git_branch": "",
        "git_uncommitted_changes": 0,
        "crashes": 0,
        "crash_loop": False,
        "last_good_backup_age_seconds": 0,
    }
    assert expected.items() <= status_report(facts, app="manager").data.items()


@pytest.mark.parametrize(
    ("tasks", "last"),
    [("", None), ("restart", None), ("deploy", 0), ("deploy rollback", 1), ("deploy restart", 0)],
)
def test_the_last_deploy_is_one_or_a_way_back(tasks, last):
    history = [{"task": task, "at": at} for at, task in enumerate(tasks.split())]
    assert last_deploy(history) == (None if last is None else history[last])


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        ("free", ""),
        ("dead", ""),
        ("held", "deploy of kim@laptop since an unknown time"),
        ("frozen", "deploys are frozen (deploy of kim@laptop since an unknown time)"),
    ],
)
def test_a_lock_is_shown_while_somebody_has_it(verdict, shown):
    lock = {"verdict": verdict, "who": "kim", "from": "laptop", "task": "deploy", "since": 0}
    assert status_report(facts_of(lock=lock), app="manager").data["lock"] == shown


def test_health_is_green_with_its_latency():
    data = {"health": "healthy", "url": "http://x/h", "http_status": 200}
    report = health_report(HEALTHY | {"seconds": 0.0123456}, url="http://x/h")
    assert report == TaskResult("online", data | {"latency_seconds": 0.012})


def test_health_is_red_with_its_reason():
    reason = "it answered 500: no database"
    data = {"health": "unhealthy", "url": "http://x/h", "http_status": 500}
    told = data | {"reason": reason, "errors": ["no database"]}
    report = health_report(ILL | {"errors": ("no database",)}, url="http://x/h")
    assert report == TaskResult("degraded", told, 7, f"unhealthy: {reason}", "logs --err")


def test_what_does_not_answer_at_all_has_no_status_and_without_its_daemon_is_started_again():
    silent = {"healthy": False, "reason": "nothing listens", "daemon": False}
    report = health_report(silent, url="http://x/h")
    assert (report.data["http_status"], report.data["errors"]) == (0, [])
    assert report.hint == "restart"


def test_the_wrong_question_is_answered_with_the_right_one():
    body = '{"error":{"json":{"message":"Required","data":{"code":"BAD_REQUEST"}}}}'
    seen = {"healthy": False, "status": 400, "seconds": 0.0, "reason": f"it answered 400: {body}"}
    plain = "http://localhost:3000/api/trpc/system.health"
    url = f"{plain}?input=%7B%22timestamp%22%3A{{timestamp}}%7D&why=?"
    wanted = "%7B%22json%22%3A%7B%22timestamp%22%3A{timestamp}%7D%7D"
    hint = health_report(seen | {"body": body}, url=url).hint
    assert hint == f"health_url = '{plain}?input={wanted}' in the inventory"
    for body in ({"body": "no"}, {}):
        assert health_report(seen | body, url=url).hint == "logs --err"


def test_what_is_healthy_on_the_host_and_not_from_outside_is_red():
    outside = assess_public_url("https://x/", {"status": 502, "seconds": 0.1, "tls_days": 60})
    report = health_report(HEALTHY, url="http://x/h", outside=outside)
    assert (report.status, report.exit_code) == ("degraded", 7)
    assert report.error == f"healthy on the host, but not from here: {outside['reason']}"
    assert report.hint == "curl -sSI https://x/"
    assert report.data["public"] == outside


def test_a_damaged_backup_is_none_to_go_back_to():
    damaged = {"name": "b2", "sequence": 2, "verdict": "good", "damaged": True}
    backups = [{"name": "b1", "sequence": 1, "verdict": "good"}, damaged]
    report = status_report(facts_of(backups=backups), app="manager")
    assert report.data["last_good_backup"] == "b1"
