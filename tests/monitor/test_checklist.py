from dataclasses import replace

import pytest

from mantodeus_ops.monitor.checklist import Check, after, before, checklist_report
from mantodeus_ops.monitor.public_check import assess_public_url
from mantodeus_ops.results import TaskResult
from tests.support.host_facts import APP, OLD, inspected, well

BEFORE = (
    Check("status passes", "ok", "online for 16 min 40 s, 0 restarts"),
    Check("no uncommitted changes", "ok", "as aaaaaaaaaa", host=True),
    Check("backup directory is writable", "ok", "backups", host=True),
    Check("disk space", "ok", "50.0 GB free", host=True),
    Check("PM2 is running", "ok", "1 worker"),
    Check("health endpoint answers", "ok", "200 in 0.0 s from http://localhost:1/h"),
    Check("environment is set", "ok", ".env, 1 required name", host=True),
    Check("no run is unfinished", "ok", "the lock is free", host=True),
    Check("starts after a reboot", "ok", "the crontab has its line"),
)
AFTER = (
    Check("deploy completed", "ok", "deploy of aaaaaaaaaa by kim"),
    Check("health endpoint answers", "ok", "200 in 0.0 s from http://localhost:1/h"),
    Check("no errors in the log", "ok", "none since it started"),
    Check("answers requests", "ok", "http://localhost:1/ answered 200"),
    Check("critical features work", "ok", "2 addresses answer"),
    Check("backup was made", "ok", "b1"),
)
ASKED = replace(APP, required_env=("PORT",), health_url="http://localhost:1/h?t={timestamp}&x=?")
ILL = {"healthy": False, "status": 500, "seconds": 0.0, "reason": "it answered 500: no"}
DOWN = {"daemon": False, "workers": []}
CUT = {"run": "r", "task": "deploy", "who": "kim", "at": 1.0, "step": "swap"}


def test_every_line_of_the_document_is_there_and_ok_when_all_is_well():
    assert before(ASKED, well()) == BEFORE
    assert after(ASKED, well()) == AFTER
    data = {"checklist": "x", "failed": 0, "warnings": 0}
    (first, *_), told = BEFORE, {"result": "ok", "mend": ""}
    line = told | {"name": first.name, "evidence": first.evidence}
    assert checklist_report("x", [first]) == TaskResult("success", data | {"lines": [line]})


KEEPS = "deploy --allow-dirty  # keeps a patch"
HOLDER = "a task of an unknown account@an unknown machine since an unknown time"
HELD = f"the lock is held by {HOLDER}; the live app is unchanged"
REBOOT = "no line in the crontab brings PM2 back after a reboot"
NO_CRONTAB = "this host has no crontab: after a reboot PM2 must be started by hand"
DIRTY = [f"f{number}" for number in range(6)]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        (
            {"health": ILL},
            Check("status passes", "fail", f"manager is degraded: {ILL['reason']}", "logs --err"),
        ),
        (
            {"crashes": {"count": 4, "last": {"how": "exit code 1"}}},
            Check(
                "status passes",
                "warning",
                "it crashed 4 times in ten minutes",
                "logs --err",
            ),
        ),
        (
            {"git": {"head": OLD, "dirty": DIRTY[:5]}},
            Check(
                "no uncommitted changes",
                "fail",
                "5 files differ from aaaaaaaaaa: f0, f1, f2, f3, f4",
                KEEPS,
                host=True,
            ),
        ),
        (
            {"git": {"dirty": DIRTY}},
            Check(
                "no uncommitted changes",
                "fail",
                "6 files differ from no commit: f0, f1, f2, f3, f4 …",
                KEEPS,
                host=True,
            ),
        ),
        (
            {"git": {"head": OLD, "dirty": ["a"]}},
            Check(
                "no uncommitted changes",
                "fail",
                "1 file differs from aaaaaaaaaa: a",
                KEEPS,
                host=True,
            ),
        ),
        ({"git": {}}, Check("no uncommitted changes", "ok", "as no commit", host=True)),
        (
            {"check": inspected(backups_present=False)},
            Check(
                "backup directory is writable", "warning", "backups does not exist yet", "backup"
            ),
        ),
        (
            {"check": None},
            Check("backup directory is writable", "ok", "backups", host=True),
        ),
        (
            {"project": {"writable": True, "backups_writable": False}},
            Check(
                "backup directory is writable",
                "fail",
                "backups is not writable for me",
                "chmod u+rwx /srv/app/backups",
                host=True,
            ),
        ),
        (
            {"disk": {"free": 10**8, "inodes_free": -1}},
            Check(
                "disk space",
                "fail",
                "100 MB are free, but the deploy needs 1.0 GB",
                "monitor.clean  # shows how much can be freed",
                host=True,
            ),
        ),
        (
            {"disk": {"free": 10**12, "inodes_free": 0}},
            Check(
                "disk space",
                "fail",
                "the disk has no free inode left: no file can be created",
                "df -i .",
                host=True,
            ),
        ),
        (
            {"pm2": DOWN},
            Check("PM2 is running", "fail", "its daemon is not running", "restart"),
        ),
        (
            {"pm2": {"daemon": True, "workers": [], "error": "gone"}},
            Check("PM2 is running", "fail", "gone", "restart"),
        ),
        (
            {"health": ILL},
            Check("health endpoint answers", "fail", "it answered 500: no", "logs --err"),
        ),
        (
            {"health": {"healthy": True, "status": 200, "seconds": 1.52}},
            Check("health endpoint answers", "ok", "200 in 1.5 s from http://localhost:1/h"),
        ),
        (
            {"health": None},
            Check("health endpoint answers", "fail", "it was not checked", "logs --err"),
        ),
        (
            {"env": {"present": True, "mode": "644", "text": "PORT=\n"}},
            Check(
                "environment is set",
                "fail",
                ".env lacks PORT; others can read .env (mode 644)",
                "env.set PORT",
                host=True,
            ),
        ),
        (
            {"env": {"present": True, "mode": "644", "text": "PORT=1\n"}},
            Check(
                "environment is set",
                "warning",
                "others can read .env (mode 644)",
                "chmod 600 .env",
                host=True,
            ),
        ),
        (
            {"lock": {"verdict": "held"}},
            Check("no run is unfinished", "fail", HELD, "deploy.follow", host=True),
        ),
        (
            {"lock": {"verdict": "frozen", "reason": "a fair", "who": "kim", "from": "desk"}},
            Check(
                "no run is unfinished",
                "fail",
                "deploys are frozen: a fair (a task of kim@desk since an unknown time)",
                "deploy.unlock",
                host=True,
            ),
        ),
        (
            {"lock": {"verdict": "dead"}},
            Check("no run is unfinished", "ok", "the lock is free", host=True),
        ),
        (
            {"open_run": CUT},
            Check(
                "no run is unfinished",
                "warning",
                "the deploy of kim was interrupted; the next deploy recovers it",
                "restart",
            ),
        ),
        (
            {"check": inspected(reboot={})},
            Check("starts after a reboot", "warning", REBOOT, "deploy.setup"),
        ),
        ({"check": None}, Check("starts after a reboot", "warning", REBOOT, "deploy.setup")),
        (
            {"check": inspected(reboot={"known": False, "present": False})},
            Check("starts after a reboot", "warning", NO_CRONTAB, "deploy.setup"),
        ),
    ],
)
def test_a_line_before_a_deploy_says_what_was_seen_and_what_mends_it(facts, line):
    assert line in before(ASKED, well(**facts))


def test_a_deploy_looks_by_itself_at_what_it_stops_for():
    looked = [line.name for line in before(ASKED, well()) if line.host]
    assert looked == [BEFORE[place].name for place in (1, 2, 3, 6, 7)]


SHOW = "curl -sSI https://x/"


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (
            {"status": 204, "seconds": 1.25, "tls_days": 60},
            Check("users reach it", "ok", "204 from https://x/ in 1.2 s"),
        ),
        (
            {"status": 200, "tls_days": 3},
            Check(
                "users reach it", "warning", "the certificate of https://x/ ends in 3 days", SHOW
            ),
        ),
        (
            {"status": 502, "tls_days": 3},
            Check("users reach it", "fail", "https://x/ answered 502", SHOW),
        ),
    ],
)
def test_the_view_from_outside_is_a_last_line_of_its_own(seen, line):
    assert before(ASKED, well(), assess_public_url("https://x/", seen)) == (*BEFORE, line)
    assert after(ASKED, well(), assess_public_url("https://x/", seen)) == (*AFTER, line)
