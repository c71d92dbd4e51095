"""What makes room: nothing where nothing is to clear, and no backup where none is to spare."""

import pytest

from mantodeus_ops.monitor.cleanup import clean
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import app_at, backed_up, host_of, listed
from tests.support.fake_host import tree_of


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """Return a host that is sure, whose account has no caches and no PM2 to clear."""
    for name in ("HOME", "PM2_HOME", "npm_config_cache"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    app_at(tmp_path / "site")
    return host_of(tmp_path / "site", options=Options(yes=True))


def test_where_nothing_fills_the_disk_nothing_is_cleared(bare):
    report = clean(bare)
    assert (report.status, report.data["items"], report.data["freed_bytes"]) == ("unchanged", [], 0)
    assert bare.events.notes == []


def test_what_a_run_left_is_cleared_and_the_only_backup_stays(bare):
    made = backed_up(bare)["name"]
    left = bare.app.project_dir / ".deploy/staging"
    left.mkdir()
    (left / "junk").write_bytes(b"x" * 500_000)
    before = {name for name in tree_of(bare.app.project_dir) if not name.startswith(".deploy")}
    report = clean(bare)
    assert report.status == "success"
    assert [item["what"] for item in report.data["items"]] == [str(left)]
    assert report.data["freed_bytes"] >= 500_000
    assert not left.exists()
    assert list(listed(bare)) == [made]
    assert {name for name in tree_of(bare.app.project_dir) if name in before} == before
