"""How the tasks around `.env` look."""

from mantodeus_ops import views
from mantodeus_ops.results import TaskResult
from tests.support.rendered import shown

VARIABLES = [
    {
        "name": "PORT",
        "state": "set",
        "required": True,
        "secret": False,
        "in_example": True,
        "process": "seen",
    },
    {
        "name": "JWT_SECRET",
        "state": "empty",
        "required": False,
        "secret": True,
        "in_example": False,
        "process": "old",
    },
]


def test_the_list_has_a_line_for_each_variable():
    text = shown(views.variables, TaskResult("success", {"file": ".env", "variables": VARIABLES}))
    assert text.splitlines()[1:] == [
        "name        state  process  about     example",
        "PORT        set    seen     required  -",
        "JWT_SECRET  empty  old      secret    not in it",
    ]


def test_several_hosts_are_counted():
    report = TaskResult("success", {"file": ".env", "variables": VARIABLES})
    lines = shown(views.variables, report, report).splitlines()
    assert lines[0].split() == ["host", "status", "set", "empty", "placeholder", "missing"]
    assert lines[1].split() == ["web0", "success", "1", "1", "-", "-"]


def test_a_change_says_whether_the_process_has_it():
    data = {"names": ["PORT"], "file": ".env", "backup": "backup-1", "process": "old"}
    text = shown(views.change_view, TaskResult("success", data))
    assert "process   has the previous values until a restart" in text
    assert "variable  PORT" in text


def test_what_is_wrong_comes_with_what_mends_it():
    found = [{"level": "fail", "text": "PORT is required and empty", "hint": "env.set PORT"}]
    databases = [{"name": "DATABASE_URL", "reach": "ok", "login": "ok"}]
    report = TaskResult("failed", {"findings": found, "databases": databases}, 7)
    assert shown(views.check_view, report).splitlines()[1:] == [
        "  databases  DATABASE_URL ok, login ok",
        "  ✗          PORT is required and empty",
        "             → env.set PORT",
    ]
    assert "findings  none" in shown(views.check_view, TaskResult("success", {"databases": []}))


def test_hosts_are_compared_by_letters():
    rows = [{"name": "PORT", "hosts": {"web0": "A", "web1": "B"}}]
    example = {"missing": ["X"], "not_in_example": [], "as_in_example": []}
    report = TaskResult("success", {"example": example, "process": [], "between_hosts": rows})
    lines = shown(views.diff_view, report, report).splitlines()
    assert lines[0].split() == [
        "host",
        "status",
        "missing",
        "not",
        "in",
        "example",
        "not",
        "in",
        "process",
    ]
    assert [line.split() for line in lines[3:5]] == [
        ["variable", "web0", "web1"],
        ["PORT", "A", "B"],
    ]
    assert "missing  X" in shown(views.diff_view, report)
