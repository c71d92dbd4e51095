import re

import pytest

from mantodeus_ops import views
from mantodeus_ops.results import TaskResult
from tests.support.rendered import shown
from tests.support.streams import Terminal

NEW, OLD = "b" * 40, "a" * 40
MADE = {
    "backup": "backup-20251205-143000",
    "backup_seconds": 0.37,
    "format": 2,
    "name": "backup-20251205-143000",
    "revision": NEW,
    "branch": "main",
    "verdict": "good",
    "reason": "by hand",
    "consistent": True,
    "skipped": [],
    "content": "c" * 64,
    "paths": ["dist", "node_modules", ".env"],
    "absent": [],
    "sha256": "d" * 64,
    "bytes": 7_985_650,
    "plain_bytes": 23_731_200,
    "entries": 2_033,
    "reused": ["node_modules", ".env"],
    "abi": "115-linux-x64",
    "sizes": [{"path": "dist", "bytes": 1_516}],
    "seconds": 0.37,
    "pruned": ["backup-20251201-143000"],
}
NEWEST = {
    "name": "backup-20251205-143002",
    "age_seconds": 7_500.0,
    "verdict": "good",
    "size_bytes": 7_985_650,
    "bytes": 7_985_650,
    "differs": [],
    "revision": NEW,
    "subject": "Fix it",
    "reason": "before restart",
    "content": "c",
    "sha256": "d",
    "same_as": "backup-20251205-143000",
}
TWIN = {**NEWEST, "name": "backup-20251205-143000", "reason": "by hand", "same_as": None}
LEFT = {
    **NEWEST,
    "name": "backup-20251204-090000",
    "age_seconds": 106_200.0,
    "verdict": "bad",
    "differs": ["dist", "node_modules"],
    "revision": OLD,
    "subject": "Break it",
    "reason": "before deploy of bbbbbbbbbb",
    "left": True,
    "content": "e",
    "sha256": "f",
}
DAMAGED = {**TWIN, "name": "backup-20251203-090000", "damaged": True, "content": "g", "sha256": "h"}
LISTED = TaskResult("success", {"backups": [NEWEST, TWIN, LEFT, DAMAGED]})


def lines(view, data, status="success", code=0):
    """Return the lines of the card below its heading."""
    return shown(view, TaskResult(status, data, code)).splitlines()[1:]


def test_the_card_of_a_backup_has_nothing_that_is_for_programs():
    assert lines(views.backup, MADE) == [
        "  backup    backup-20251205-143000",
        "  verdict   good",
        "  revision  bbbbbbbbbb on main",
        "  size      8.0 MB, 2,033 entries, unpacked 23.7 MB",
        "  took      0.4 s",
        "  reused    node_modules, .env",
        "  pruned    backup-20251201-143000",
    ]


def test_the_card_of_a_backup_says_what_is_out_of_the_ordinary():
    odd = {"consistent": False, "verdict": "unknown", "same_as": "backup-1", "absent": ["dist"]}
    odd |= {"skipped": ["dist/socket"], "pruned": [], "offsite": {"to": "restic:/mnt/copies"}}
    assert lines(views.backup, MADE | odd)[1:] == [
        "  verdict    unknown",
        "             files changed during the backup",
        "  revision   bbbbbbbbbb on main",
        "  size       8.0 MB, 2,033 entries, unpacked 23.7 MB",
        "  took       0.4 s",
        "  reused     everything: same bytes as backup-1",
        "  copied to  restic:/mnt/copies",
        "  absent     dist",
        "  left out   dist/socket",
    ]


def test_a_verdict_that_nobody_knows_says_why():
    assert lines(views.backup, MADE | {"verdict": "unknown"})[1:3] == [
        "  verdict   unknown",
        "            the app was never healthy with these files",
    ]


def test_no_backup_says_so():
    nothing = {"backup": "", "name": "", "backup_seconds": 0.0, "pruned": []}
    assert lines(views.backup, nothing, "unchanged") == [
        "  backup  none: there is nothing to back up yet"
    ]
    assert lines(views.backups, {"backups": []}) == ["  backups  none"]
    assert lines(views.verify, {"results": []}) == ["  backups  none"]


def test_the_list_says_in_columns_what_tells_backups_apart_and_below_what_each_is():
    assert shown(views.backups, LISTED).splitlines()[1:] == [
        "backup                  age        verdict  size    differs",
        "backup-20251205-143002  2 h 5 min  good     shared  live",
        "  bbbbbbbbbb Fix it; before restart; same bytes as backup-20251205-143000",
        "backup-20251205-143000  2 h 5 min  good     8.0 MB  live",
        "  bbbbbbbbbb Fix it; by hand",
        "backup-20251204-090000  1 d 5 h    bad      8.0 MB  dist, node_modules",
        "  aaaaaaaaaa Break it; before deploy of bbbbbbbbbb; left by a rollback",
        "backup-20251203-090000  2 h 5 min  damaged  8.0 MB  live",
        "  bbbbbbbbbb Fix it; by hand",
        "  in all  24.0 MB, 4 backups of 3 states",
    ]


@pytest.mark.parametrize("columns", ["80", "120"])
def test_on_a_terminal_the_list_fits_and_no_name_is_cut(columns):
    wordy = {**NEWEST, "subject": "Fix it, " * 20}
    report = TaskResult("success", {"backups": [wordy, *LISTED.data["backups"][1:]]})
    text = shown(views.backups, report, stdout=Terminal(), columns=columns)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(map(len, bare.splitlines())) <= int(columns)
    assert len(bare.splitlines()) == 11
    assert all(one["name"] in bare for one in LISTED.data["backups"])
    assert "dist, node_modules" in bare
    assert bare.count("shared") == 1
    for tone, word in (("32", "good"), ("31", "bad"), ("31", "damaged"), ("36", "live")):
        assert f"\x1b[{tone}m{word}" in text


def test_what_was_proven_is_a_table_and_what_is_not_whole_says_why():
    results = [
        {"name": "backup-2", "ok": True, "bytes": 7_985_650, "entries": 2_033, "seconds": 0.278},
        {"name": "backup-1", "ok": False, "reason": "its sha256 is another", "bytes": 10},
    ]
    report = TaskResult("failed", {"results": results}, 7, "1 of 2")
    assert shown(views.verify, report).splitlines()[1:] == [
        "backup    proof      entries  size    took",
        "backup-2  whole      2,033    8.0 MB  0.3 s",
        "backup-1  not whole  -        10 B    -",
        "  backup-1  its sha256 is another",
    ]
    assert "1 of 2" in shown(views.verify, report, report).splitlines()[1]


def test_what_was_pruned_and_what_that_freed():
    data = {"pruned": ["backup-1", "backup-2"], "bytes": 16_000_000}
    assert lines(views.prune, data) == [
        "  pruned  backup-1",
        "          backup-2",
        "  size    16.0 MB",
    ]
    assert lines(views.prune, {"pruned": [], "bytes": 0}) == ["  pruned  none: all are kept"]


def test_a_copy_says_where_it_is_and_that_it_was_gone_on_with():
    data = {"backup": "backup-1", "file": "/home/ann/backup-1.tar.gz", "bytes": 678_000_000}
    assert lines(views.transfer, {**data, "resumed_at": 412_000_000, "sha256": "d" * 64}) == [
        "  backup  backup-1",
        "  file    /home/ann/backup-1.tar.gz",
        "  size    678 MB, the first 412 MB already existed",
    ]
    assert lines(views.transfer, {**data, "resumed_at": 0})[-1] == "  size    678 MB"


def test_several_hosts_are_one_line_each():
    assert shown(views.backups, LISTED, TaskResult("success", {"backups": []})) == (
        "host  status   backups  backup                  age        verdict\n"
        "web0  success  4        backup-20251205-143002  2 h 5 min  good\n"
        "web1  success  0        -                       -          -\n"
        "2 of 2 succeeded\n"
    )
    assert "backup-20251205-143000  good     8.0 MB  bbbbbbbbbb  1" in shown(
        views.backup, *[TaskResult("success", MADE)] * 2
    )


def test_a_dry_run_is_never_taken_for_the_deed():
    pruned = TaskResult("success", {"pruned": ["backup-1"], "bytes": 1})
    assert shown(views.prune, pruned, dry=True).startswith("● web0  dry run, nothing changed  1.0")
    assert shown(views.prune, pruned, pruned, dry=True).count("dry run, nothing changed") == 2
    unchanged = TaskResult("unchanged", {"pruned": []})
    assert shown(views.prune, unchanged, dry=True).startswith("● web0  unchanged  1.0")
