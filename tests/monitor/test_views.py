"""How status and the checklists look."""

from mantodeus_ops import views
from mantodeus_ops.results import TaskResult
from tests.support.rendered import shown

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
