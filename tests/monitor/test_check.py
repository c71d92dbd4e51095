"""The task check, and what a deploy shows of the checklists."""

from mantodeus_ops.monitor.check import check, run_post_deploy_checklist, warn_before
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import app_at, host_of
from tests.support.faulty_transports import Dropping
from tests.support.host_facts import facts_of

ILL = {"healthy": False, "status": 500, "seconds": 0.0, "reason": "it answered 500"}


def test_a_checklist_that_nobody_can_go_through_fails_no_deploy(tmp_path):
    host = host_of(tmp_path, line=Dropping(99), options=Options(reconnect_seconds=0))
    assert run_post_deploy_checklist(host) is None
    assert "the checklist could not be completed" in host.events.notes[-1]


def test_a_checklist_of_a_host_on_which_nothing_was_deployed_names_what_to_type(tmp_path):
    host = app_at(tmp_path / "site")
    for after_deploy in (False, True):
        found = check(host, after_deploy=after_deploy)
        lines = {line["name"]: line for line in found.data["lines"]}
        assert (found.status, found.exit_code) == ("failed", 7)
        assert {line["result"] for line in lines.values()} <= {"ok", "warning", "fail"}
    assert lines["deploy completed"]["result"] == "fail"
    assert lines["deploy completed"]["mend"] == "fab -H here deploy"


def test_what_is_not_ok_after_a_deploy_is_shown_and_returned(tmp_path):
    host = app_at(tmp_path / "site")
    results = run_post_deploy_checklist(host)
    assert results["deploy completed"] == "fail"
    assert any(note.startswith("fail: deploy completed: ") for note in host.events.notes)
    assert not any(note.startswith("ok: ") for note in host.events.notes)
    assert host.events.notes[-1] == "watch it for a while: fab -H here monitor.watch"


def test_a_deploy_is_warned_only_of_what_it_does_not_check_itself(tmp_path):
    host = host_of(tmp_path)
    warn_before(host, facts_of(health=ILL, disk={"free": 0, "total": 1, "inodes_free": 0}))
    assert host.events.notes == [
        "warning: status passes: no. manager is degraded: it answered 500",
        "warning: health endpoint answers: no. it answered 500",
    ]
