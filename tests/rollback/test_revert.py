"""What is not taken back: a change that another run made since, and one that made no backup."""

import json

import pytest

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.rollback.revert import go_back, undo
from tests.support.fake_host import host_at, tree_of

MINE, THEIRS = "a" * 40, "b" * 40


def running(folder, revision):
    """Return a host that runs this revision."""
    (folder / ".deploy").mkdir()
    (folder / ".deploy/live.json").write_text(json.dumps({"revision": revision}))
    return host_at(folder)


@pytest.mark.parametrize("back", [go_back, undo])
def test_somebody_s_newer_change_stays(tmp_path, back):
    host = running(tmp_path, THEIRS)
    before = tree_of(tmp_path)
    with pytest.raises(PreflightError, match="bbbbbbbbbb is live now, after another") as refused:
        back(host, {"revision": MINE, "backup": "backup-20251205-143000"})
    assert refused.value.hint == "fab -H here deploy.history"
    assert tree_of(tmp_path) == before


def test_a_deploy_that_left_no_backup_is_not_guessed_back_from(tmp_path):
    with pytest.raises(PreflightError, match="made no backup") as refused:
        go_back(running(tmp_path, MINE), {"revision": MINE, "backup": ""})
    assert refused.value.hint == "fab -H here backup.list"
