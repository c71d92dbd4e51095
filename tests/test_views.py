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

STATUS = {
    "pm2_status": "online",
    "health": "healthy",
    "uptime_human": "3 d 4 h",
    "memory_mb": 142.3,
    "cpu_percent": 0.4,
    "restarts": 1,
    "git_commit": NEW,
    "git_branch": "main",
    "git_uncommitted_changes": 2,
    "remote_commit": OLD,
    "behind": 3,
    "backups": 5,
    "last_good_backup": "backup-20251205-143000",
    "last_good_backup_age_seconds": 7200,
    "lock": {"who": "ann", "why": "deploy"},
    "last_deploy": {"status": "success", "revision": NEW, "at": 1_764_945_000, "who": "ann"},
    "disk_free_bytes": 12_345_678_901,
}
PLAN = {
    "commits": ["bbbbbbb Fix it", "ccccccc Add it"],
    "installs": True,
    "reason": "package-lock.json changed",
    "commands": ["git fetch", "npm ci"],
    "disk_needed_bytes": 500_000_000,
    "disk_free_bytes": 12_000_000_000,
}


def test_the_card_of_status():
    assert shown(views.status, TaskResult("online", STATUS)) == (
        "● web0  online  1.0 s\n"
        "  pm2          online\n"
        "  health       healthy\n"
        "  uptime       3 d 4 h, 1 restart\n"
        "  memory       142.3 MB, cpu 0.4 %\n"
        "  commit       bbbbbbbbbb on main, 2 uncommitted changes\n"
        "  remote       3 commits ahead: aaaaaaaaaa\n"
        "  last deploy  success, bbbbbbbbbb, 2025-12-05 14:30:00 UTC, by ann\n"
        "  backups      5, good: backup-20251205-143000, 2 h old\n"
        "  lock         who ann, why deploy\n"
        "  disk free    12.3 GB\n"
    )


def test_what_the_last_deploy_came_to_is_said_in_words():
    data = {"last_deploy": {"status": "rolled_back", "revision": NEW}}
    assert "last deploy  rolled back, bbbbbbbbbb" in shown(views.status, TaskResult("online", data))


def test_the_card_of_status_without_an_app():
    empty = dict.fromkeys(STATUS) | {"pm2_status": "stopped", "restarts": 0}
    assert shown(views.status, TaskResult("offline", empty, 7)) == (
        "● web0  offline  1.0 s\n"
        "  pm2          stopped\n"
        "  uptime       0 restarts\n"
        "  last deploy  never\n"
        "  lock         free\n"
    )


def test_the_table_of_status_holds_a_host_without_data():
    reports = [TaskResult("online", STATUS), TaskResult("unreachable", {}, 3)]
    assert shown(views.status, *reports) == (
        "host  status       health   uptime   memory    cpu    restarts  commit      branch  "
        "behind  disk free\n"
        "web0  online       healthy  3 d 4 h  142.3 MB  0.4 %  1         bbbbbbbbbb  main    "
        "3       12.3 GB\n"
        "web1  unreachable  -        -        -         -      -         -           -       "
        "-       -\n"
        "1 of 2 succeeded\n"
    )


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


def test_the_card_of_a_checklist():
    lines = [
        {"name": "disk space", "result": "ok", "evidence": "12 GB free", "mend": ""},
        {
            "name": "PM2 is running",
            "result": "fail",
            "evidence": "no daemon",
            "mend": "inv restart",
        },
    ]
    assert shown(views.check, TaskResult("failed", {"lines": lines}, 7)) == (
        "● web0  failed  1.0 s\n"
        "  ✓ disk space      12 GB free\n"
        "  ✗ PM2 is running  no daemon\n"
        "                    → inv restart\n"
    )


def test_a_row_without_a_remark_has_no_empty_line_below_it_in_colours_either():
    why = [{"task": "deploy", "status": "failed", "error": "no"}, {"task": "deploy"}]
    terminal = Terminal()
    shown(views.history, TaskResult("success", {"entries": why}), stdout=terminal)
    lines = [
        re.sub(r"\x1b\[[\d;]*m", "", line).strip() for line in terminal.getvalue().splitlines()
    ]
    assert lines[2:] == ["deploy  failed", "no", "deploy  -"]
