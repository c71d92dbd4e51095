from dataclasses import replace

import pytest

from fabfile.pure.checklist import after, before, checklist_report
from fabfile.pure.outside import judged
from tests.pure.facts import APP, NEW, OLD, facts_of

BEFORE = (
    "status passes",
    "no uncommitted changes",
    "backup directory is writable",
    "disk space",
    "PM2 is running",
    "health endpoint answers",
    "environment is set",
    "nothing is half done",
    "starts after a reboot",
)
AFTER = (
    "deploy completed",
    "health endpoint answers",
    "no errors in the log",
    "answers requests",
    "critical features work",
    "backup was made",
)
DEPLOY = {"task": "deploy", "status": "success", "revision": OLD, "who": "kim", "backup": "b1"}
PAGE = {"url": "http://localhost:1/", "status": 200, "seconds": 0.1, "error": ""}
ILL = {"healthy": False, "status": 500, "seconds": 0.0, "reason": "it answered 500: no"}
DOWN = {"daemon": False, "workers": []}
CUT = {"run": "r", "task": "deploy", "who": "kim", "at": 1.0, "step": "swap"}


def inspected(**changes):
    """Return what only a checklist asks of a host on which all is well."""
    return {
        "errors": [],
        "page": PAGE,
        "critical": [{**PAGE, "url": "http://localhost:1/login"}],
        "reboot": {"known": True, "present": True},
        "backups_present": True,
        **changes,
    }


def well(**changes):
    """Return facts with which every line of both lists is ok."""
    known = {
        "check": inspected(),
        "history": [DEPLOY],
        "live": {"revision": OLD},
        "backups": [{"name": "b1", "sequence": 1, "verdict": "good"}],
    }
    return facts_of(**{**known, **changes})


def result(lines, name):
    """Return the line of this name."""
    return next(line for line in lines if line.name == name)


def test_every_line_of_the_document_is_there_and_ok_when_all_is_well():
    assert tuple(line.name for line in before(APP, well())) == BEFORE
    assert tuple(line.name for line in after(APP, well())) == AFTER
    for lines in (before(APP, well()), after(APP, well())):
        assert {line.result for line in lines} == {"ok"}
        assert all(line.evidence for line in lines)
        assert checklist_report("x", lines).exit_code == 0


@pytest.mark.parametrize(
    ("name", "facts", "word", "evidence"),
    [
        ("status passes", {"health": ILL}, "fail", "it answered 500"),
        (
            "status passes",
            {"crashes": {"count": 4, "last": {"how": "exit code 1"}}},
            "warning",
            "4 times",
        ),
        ("no uncommitted changes", {"git": {"head": OLD, "dirty": ["a", "b"]}}, "fail", "2 files"),
        (
            "backup directory is writable",
            {"check": inspected(backups_present=False)},
            "warning",
            "",
        ),
        (
            "backup directory is writable",
            {"project": {"writable": True, "backups_writable": False}},
            "fail",
            "backups is not writable for me",
        ),
        ("disk space", {"disk": {"free": 10**8, "inodes_free": -1}}, "fail", "100 MB"),
        ("PM2 is running", {"pm2": DOWN}, "fail", "daemon is not running"),
        ("health endpoint answers", {"health": ILL}, "fail", "it answered 500: no"),
        ("environment is set", {"env": {"present": False}}, "fail", "lacks|missing"),
        ("nothing is half done", {"lock": {"verdict": "held"}}, "fail", "the lock is held"),
        ("nothing is half done", {"open_run": CUT}, "warning", "deploy of kim was cut off"),
        ("starts after a reboot", {"check": inspected(reboot={})}, "warning", "no line in the"),
        (
            "starts after a reboot",
            {"check": inspected(reboot={"known": False, "present": False})},
            "warning",
            "this host has no crontab",
        ),
    ],
)
def test_a_line_before_a_deploy_that_is_not_ok_says_what_was_seen_and_what_mends_it(
    name, facts, word, evidence
):
    line = result(before(replace(APP, required_env=("PORT",)), well(**facts)), name)
    assert line.result == word
    assert any(part in line.evidence for part in evidence.split("|"))
    assert line.mend


@pytest.mark.parametrize(
    ("name", "facts", "word"),
    [
        ("deploy completed", {"history": []}, "fail"),
        ("deploy completed", {"history": [{**DEPLOY, "status": "rolled_back"}]}, "fail"),
        ("deploy completed", {"open_run": CUT}, "fail"),
        ("deploy completed", {"live": {"revision": NEW}}, "fail"),
        ("health endpoint answers", {"health": ILL}, "fail"),
        ("no errors in the log", {"check": inspected(errors=["boom"])}, "warning"),
        ("answers requests", {"check": inspected(page={**PAGE, "status": 502})}, "fail"),
        ("answers requests", {"check": inspected(page={**PAGE, "status": 0})}, "fail"),
        ("critical features work", {"check": inspected(critical=[])}, "warning"),
        (
            "critical features work",
            {"check": inspected(critical=[{**PAGE, "status": 404}])},
            "fail",
        ),
        ("backup was made", {"backups": []}, "fail"),
        ("backup was made", {"history": [{**DEPLOY, "backup": ""}]}, "warning"),
    ],
)
def test_a_line_after_a_deploy_that_is_not_ok_has_a_command_that_mends_it(name, facts, word):
    line = result(after(APP, well(**facts)), name)
    assert (line.result, bool(line.mend), bool(line.evidence)) == (word, True, True)


def test_a_list_with_a_failing_line_is_red_and_names_it():
    report = checklist_report("before", before(APP, well(health=ILL)))
    assert (report.status, report.exit_code) == ("failed", 7)
    assert report.data["failed"] == 2
    assert "health endpoint answers: it answered 500: no" in report.error


def test_the_view_from_outside_is_a_line_of_its_own():
    ends = judged("https://x/", {"status": 200, "tls_days": 3})
    assert result(before(APP, well(), ends), "users reach it").result == "warning"
    gone = judged("https://x/", {"error": "https://x/ cannot be reached"})
    assert result(after(APP, well(), gone), "users reach it").result == "fail"


def test_a_lock_is_no_news_to_the_deploy_that_holds_it():
    (lock,) = (
        line
        for line in before(APP, well(lock={"verdict": "held"}))
        if line.name == "nothing is half done"
    )
    assert (lock.result, lock.host) == ("fail", True)
