"""The status of an app whose .env cannot be read."""

from mantodeus_ops.monitor.status_report import status_report
from tests.support.host_facts import facts_of, worker_of

HEALTHY = {"healthy": True, "reason": ""}
ILL = {"healthy": False, "reason": "it answered 500: no database"}
RUNS = {"daemon": True, "workers": [worker_of()]}


def test_an_app_whose_env_cannot_be_read_is_degraded_and_the_rest_is_told_all_the_same():
    facts = facts_of(pm2=RUNS, health=HEALTHY)
    facts["env"] = {"present": True, "error": "no permission for .env"}
    report = status_report(facts, app="manager", env_file="/srv/my app/.env")
    assert report.error == "manager is degraded: no permission for .env"
    assert (report.exit_code, report.hint) == (7, "namei -l '/srv/my app/.env'")
    assert (report.data["pm2_status"], report.data["health"]) == ("online", "healthy")
    facts["health"] = ILL
    both = status_report(facts, app="manager")
    assert both.error.endswith("it answered 500: no database; no permission for .env")
    assert both.hint == "logs --err"
