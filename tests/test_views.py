import re

import pytest

from fabfile import ns
from mantodeus_ops import views
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ui.layout import View
from tests.support.rendered import shown
from tests.support.streams import Terminal

TASKS = [ns[name] for name in ns.task_names]
NEW, OLD = "b" * 40, "a" * 40

PLAN = {
    "commits": ["bbbbbbb Fix it", "ccccccc Add it"],
    "installs": True,
    "reason": "package-lock.json changed",
    "commands": ["git fetch", "npm ci"],
    "disk_needed_bytes": 500_000_000,
    "disk_free_bytes": 12_000_000_000,
}


def test_the_card_of_a_deploy_that_rolled_back():
    steps = [
        {"name": "install", "status": "reused", "seconds": 0},
        {"name": "build", "status": "ok", "seconds": 74.2},
    ]
    data = {"revision": NEW, "previous_revision": OLD, "rolled_back": True, "steps": steps}
    data["health"] = "unknown"
    assert shown(views.deploy, TaskResult("rolled_back", data, 5)) == (
        "● web0  rolled back  1.0 s\n"
        "  revision     bbbbbbbbbb\n"
        "  previous     aaaaaaaaaa\n"
        "  rolled back  yes\n"
    )


@pytest.mark.parametrize("key", ["reason", "installs_reason"])
def test_the_card_of_a_dry_run(key):
    plan = {key: PLAN["reason"], **{name: PLAN[name] for name in PLAN if name != "reason"}}
    assert shown(views.deploy, TaskResult("success", {"revision": NEW, "plan": plan})) == (
        "● web0  success  1.0 s\n"
        "  revision   bbbbbbbbbb\n"
        "  commits    bbbbbbb Fix it\n"
        "             ccccccc Add it\n"
        "  installs   yes: package-lock.json changed\n"
        "  would run  git fetch\n"
        "             npm ci\n"
        "  disk       500 MB of 12.0 GB free\n"
    )


def test_a_plan_without_commits_says_so():
    card = shown(
        views.deploy, TaskResult("unchanged", {"plan": {"installs": False, "commits": []}})
    )
    assert card == (
        "● web0  unchanged  1.0 s\n  commits    none\n  installs   no\n  would run  nothing\n"
    )


def test_history_is_a_table_without_empty_columns():
    entries = [{"at": "2025-12-05", "task": "deploy", "status": "success", "seconds": 42}]
    assert shown(views.history, TaskResult("success", {"entries": entries})) == (
        "● web0  success  1.0 s\n"
        "when        task    status   took\n"
        "2025-12-05  deploy  success  42.0 s\n"
    )
    failed = {**entries[0], "status": "failed", "error": "build failed\nat all"}
    assert shown(views.history, TaskResult("success", {"entries": [failed, *entries]})) == (
        "● web0  success  1.0 s\n"
        "when        task    status   took\n"
        "2025-12-05  deploy  failed   42.0 s\n"
        "  build failed at all\n"
        "2025-12-05  deploy  success  42.0 s\n"
    )
    assert shown(views.history, TaskResult("success", {"entries": []})) == (
        "● web0  success  1.0 s\n  entries  none\n"
    )


def test_the_fleet_finds_every_view_that_a_task_names():
    assert all(isinstance(getattr(views, task.kind.view), View) for task in TASKS)
    assert {task.kind.view for task in TASKS} >= {"backup", "backups", "verify", "transfer"}


def test_a_row_without_a_remark_has_no_empty_line_below_it_in_colours_either():
    why = [{"task": "deploy", "status": "failed", "error": "no"}, {"task": "deploy"}]
    terminal = Terminal()
    shown(views.history, TaskResult("success", {"entries": why}), stdout=terminal)
    lines = [
        re.sub(r"\x1b\[[\d;]*m", "", line).strip() for line in terminal.getvalue().splitlines()
    ]
    assert lines[2:] == ["deploy  failed", "no", "deploy  -"]
