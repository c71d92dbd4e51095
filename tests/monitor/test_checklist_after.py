import pytest

from mantodeus_ops.monitor.checklist import Check, after, checklist_report
from mantodeus_ops.results import TaskResult
from tests.support.host_facts import APP, DEPLOYED, NEW, PAGE, inspected, well

ILL = {"healthy": False, "status": 500, "seconds": 0.0, "reason": "it answered 500: no"}
CUT = {"run": "r", "task": "deploy", "who": "kim", "at": 1.0, "step": "swap"}
MOVED = "the work tree is at bbbbbbbbbb, what was deployed is aaaaaaaaaa"


def asked(number, **changes):
    """Return the answer of one critical address."""
    return {**PAGE, "url": f"http://localhost:1/{number}", **changes}


@pytest.mark.parametrize(
    ("facts", "result", "evidence", "mend"),
    [
        ({}, "ok", "deploy of aaaaaaaaaa by kim", ""),
        (
            {"history": [{"task": "rollback", "status": "success", "revision": NEW}]},
            "ok",
            "rollback of bbbbbbbbbb by an unknown account",
            "",
        ),
        (
            {"history": [{"task": "rollback", "status": "success"}]},
            "ok",
            "rollback of an unknown revision by an unknown account",
            "",
        ),
        ({"history": []}, "fail", "nothing was deployed by this tool yet", "deploy"),
        ({"live": None}, "fail", "nothing was deployed by this tool yet", "deploy"),
        (
            {"history": [{**DEPLOYED, "status": "rolled_back"}]},
            "fail",
            "the deploy of aaaaaaaaaa failed: rolled_back",
            "deploy.history",
        ),
        (
            {"history": [{**DEPLOYED, "status": "failed", "error": "no room"}]},
            "fail",
            "the deploy of aaaaaaaaaa failed: no room",
            "deploy.history",
        ),
        (
            {"open_run": CUT},
            "fail",
            "it was interrupted and never finished",
            "restart  # recovers it first",
        ),
        ({"git": {"head": NEW}}, "fail", MOVED, "deploy"),
        (
            {"git": {}},
            "fail",
            "the work tree is at no commit, what was deployed is aaaaaaaaaa",
            "deploy",
        ),
    ],
)
def test_a_deploy_is_complete_when_it_ended_well_and_its_revision_is_there(
    facts, result, evidence, mend
):
    assert after(APP, well(**facts))[0] == Check("deploy completed", result, evidence, mend)


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (
            {"health": ILL},
            Check("health endpoint answers", "fail", "it answered 500: no", "logs --err"),
        ),
        (
            {"check": inspected(errors=["first", "boom"])},
            Check(
                "no errors in the log",
                "warning",
                "the app wrote errors since it started: boom",
                "logs --err",
            ),
        ),
        (
            {"check": inspected(critical=[])},
            Check(
                "critical features work",
                "warning",
                "no critical URLs are configured",
                "set critical_urls in the inventory",
            ),
        ),
        (
            {
                "check": inspected(
                    critical=[
                        asked(1, status=399),
                        asked(2, status=400),
                        asked(3, status=0, error="nothing listens"),
                    ]
                )
            },
            Check(
                "critical features work",
                "fail",
                "http://localhost:1/2 400; http://localhost:1/3 nothing listens",
                "logs --err",
            ),
        ),
        (
            {"backups": []},
            Check("backup was made", "fail", "there is no backup at all", "backup"),
        ),
        (
            {"history": [{**DEPLOYED, "backup": ""}]},
            Check("backup was made", "warning", "the last deploy made none", "backup"),
        ),
        (
            {"history": []},
            Check("backup was made", "warning", "the last deploy made none", "backup"),
        ),
        (
            {"history": [{**DEPLOYED, "backup": "b0"}]},
            Check("backup was made", "warning", "b0 is not there any more", "backup"),
        ),
    ],
)
def test_a_line_after_a_deploy_says_what_was_seen_and_what_mends_it(facts, line):
    assert line in after(APP, well(**facts))


@pytest.mark.parametrize(
    ("page", "word", "evidence"),
    [
        ({"status": 499}, "ok", "http://localhost:1/ answered 499"),
        ({"status": 500}, "fail", "http://localhost:1/ answered 500"),
        ({"status": 0, "error": "gone"}, "fail", "http://localhost:1/ gone"),
    ],
)
def test_a_page_answers_unless_it_breaks(page, word, evidence):
    line = after(APP, well(check=inspected(page=PAGE | page)))[3]
    assert line == Check("answers requests", word, evidence, "" if word == "ok" else "logs --err")


def test_a_host_that_was_not_asked_for_its_log_has_no_errors_to_show():
    assert after(APP, well(check={"page": PAGE, "critical": []}))[2] == Check(
        "no errors in the log", "ok", "none since it started"
    )


def test_a_list_with_failing_lines_is_red_and_has_the_hint_of_the_first():
    lines = (
        Check("disk space", "ok", "1 GB free", host=True),
        Check("no errors in the log", "warning", "boom", "logs --err"),
        Check("status passes", "fail", "it is offline", "restart"),
        Check("backup was made", "fail", "there is none", "backup"),
    )
    keys = {"name": "name", "result": "result", "evidence": "evidence", "mend": "hint"}
    rows = [{key: getattr(line, name) for key, name in keys.items()} for line in lines]
    assert checklist_report("after", lines) == TaskResult(
        "failed",
        {"checklist": "after", "lines": rows, "failed": 2, "warnings": 1},
        7,
        "2 of 4 failed: status passes: it is offline; backup was made: there is none",
        "restart",
    )
