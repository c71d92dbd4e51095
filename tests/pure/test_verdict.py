import pytest

from fabfile.pure.outside import judged
from fabfile.pure.verdict import health_report, status_report
from tests.pure.facts import OLD, facts_of, worker_of

HEALTHY = {"healthy": True, "status": 200, "seconds": 0.01}
ILL = {"healthy": False, "status": 500, "seconds": 0.01, "reason": "it answered 500: no database"}


def pm2(*workers, **changes):
    """Return what PM2 says when it has these workers."""
    return {"daemon": True, "workers": list(workers), **changes}


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
        (pm2(daemon=False), "the PM2 daemon is not running", "daemon down"),
        (pm2(), "PM2 knows no app named manager", "missing"),
        (pm2(error="spawn ENOENT"), "spawn ENOENT", "unknown"),
        (pm2(worker_of(status="stopped")), "it answered 500: no database", "stopped"),
        (pm2(worker_of(), worker_of(status="errored")), "it answered 500", "errored, online"),
    ],
)
def test_a_red_status_says_why(seen, reason, word):
    report = status_report(facts_of(pm2=seen, health=ILL), app="manager")
    assert reason in report.error
    assert report.data["pm2_status"] == word


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
    workers = pm2(worker_of(restarts=2), worker_of(up_since=1500.0))
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


def test_an_app_that_does_not_run_has_no_uptime_and_a_clock_that_went_back_makes_none_negative():
    down = status_report(facts_of(pm2=pm2(worker_of(status="stopped"))), app="manager").data
    assert (down["uptime_seconds"], down["uptime_human"]) == (0, "")
    back = status_report(facts_of(now=10.0), app="manager").data
    assert back["uptime_seconds"] == 0


@pytest.mark.parametrize(
    ("verdict", "shown"), [("free", False), ("dead", False), ("held", True), ("frozen", True)]
)
def test_a_lock_is_shown_while_somebody_has_it(verdict, shown):
    lock = {"verdict": verdict, "who": "kim", "from": "laptop", "task": "deploy", "since": 0}
    data = status_report(facts_of(lock=lock), app="manager").data
    assert ("kim@laptop" in data["lock"]) is shown


def test_health_is_green_with_its_latency():
    report = health_report(HEALTHY, url="http://x/h")
    assert (report.status, report.exit_code, report.error) == ("online", 0, "")
    assert report.data == {
        "health": "healthy",
        "url": "http://x/h",
        "http_status": 200,
        "latency_seconds": 0.01,
    }


def test_health_is_red_with_its_reason():
    report = health_report(ILL, url="http://x/h")
    assert (report.status, report.exit_code) == ("degraded", 7)
    assert report.error == "unhealthy: it answered 500: no database"
    assert (report.data["health"], report.data["http_status"]) == ("unhealthy", 500)


def test_the_wrong_question_is_answered_with_the_right_one():
    body = '{"error":{"json":{"message":"Required","data":{"code":"BAD_REQUEST"}}}}'
    seen = {"healthy": False, "status": 400, "seconds": 0.0, "reason": f"it answered 400: {body}"}
    url = "http://localhost:3000/api/trpc/system.health?input=%7B%22timestamp%22%3A{timestamp}%7D"
    hint = health_report(seen | {"body": body}, url=url).hint
    assert "system.health?input=%7B%22json%22%3A%7B%22timestamp%22%3A{timestamp}%7D%7D'" in hint
    assert health_report(seen | {"body": "no"}, url=url).hint == "logs --err"


def test_what_is_healthy_on_the_host_and_not_from_outside_is_red():
    outside = judged("https://x/", {"status": 502, "seconds": 0.1, "tls_days": 60})
    report = health_report(HEALTHY, url="http://x/h", outside=outside)
    assert (report.status, report.exit_code) == ("degraded", 7)
    assert "https://x/ answered 502" in report.error


@pytest.mark.parametrize(
    ("seen", "ok", "warns"),
    [
        ({"status": 200, "tls_days": 60}, True, False),
        ({"status": 302, "location": "/login", "tls_days": 60}, True, False),
        ({"status": 200, "tls_days": 3}, True, True),
        ({"status": 404}, False, False),
        ({"error": "the certificate of https://x/ is not valid: expired"}, False, False),
    ],
)
def test_a_look_from_outside_warns_of_a_certificate_that_ends_soon(seen, ok, warns):
    told = judged("https://x/", seen)
    assert (told["ok"], bool(told["warning"])) == (ok, warns)


def test_an_app_that_ended_by_itself_three_times_is_in_a_loop_and_says_so():
    crashes = {"count": 3, "last": {"at": 1.0, "how": "exit code 1"}}
    report = status_report(facts_of(crashes=crashes, health=ILL), app="manager")
    assert report.data["crash_loop"]
    assert "ended by itself 3 times in ten minutes, last with exit code 1" in report.error


def test_a_damaged_backup_is_none_to_go_back_to():
    damaged = {"name": "b2", "sequence": 2, "verdict": "good", "damaged": True}
    backups = [{"name": "b1", "sequence": 1, "verdict": "good"}, damaged]
    data = status_report(facts_of(backups=backups), app="manager").data
    assert data["last_good_backup"] == "b1"
