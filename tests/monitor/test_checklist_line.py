"""A line of a checklist: what makes it ok, a warning or a failure."""

import pytest

from mantodeus_ops.findings import Finding
from mantodeus_ops.monitor.checklist import before
from mantodeus_ops.monitor.checklist_line import Check, check_of, check_of_findings
from tests.support.host_facts import APP, inspected, well


@pytest.mark.parametrize(
    ("fails", "warns", "expected"),
    [
        ("", False, Check("name", "ok", "seen")),
        ("", True, Check("name", "ok", "seen")),
        ("broken", False, Check("name", "fail", "broken", "command")),
        ("broken", True, Check("name", "warning", "broken", "command")),
    ],
)
def test_a_line_is_ok_with_its_evidence_unless_it_fails(fails, warns, expected):
    assert check_of("name", "seen", fails, "command", warns=warns) == expected


def test_a_line_of_findings_has_the_worst_result_and_its_hint_and_names_all():
    warning, red = Finding("old", "npm ci", stops=False), Finding("gone", "restart")
    assert check_of_findings("n", "seen", []) == Check("n", "ok", "seen", host=True)
    one = Check("n", "warning", "old", "npm ci", host=True)
    assert check_of_findings("n", "", [warning]) == one
    both = Check("n", "fail", "gone; old", "restart", host=True)
    assert check_of_findings("n", "", [warning, red]) == both


def test_the_checklist_has_a_line_that_is_red_with_every_chmod():
    told = [
        {"what": "pm2", "path": "/h/.pm2", "mode": "755", "alone": True},
        {"what": "socket", "path": "/h/.pm2/rpc.sock", "mode": "775", "alone": True},
    ]
    (line,) = [
        one
        for one in before(APP, well(check=inspected(access=told)))
        if one.name == "closed to other accounts"
    ]
    assert line.result == "fail"
    assert line.hint == "chmod 700 /h/.pm2"  # once for both
    fine = {"what": "pm2", "path": "/h/.pm2", "mode": "700", "alone": False}
    last = before(APP, well(check=inspected(access=[fine])))[-1]
    assert (last.name, last.result) == ("closed to other accounts", "ok")
