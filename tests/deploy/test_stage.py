"""Stages in a folder without PM2's daemon: what is used again, and what git left."""

import os

import pytest

from mantodeus_ops.deploy.deploy import DeployOptions, deploy
from mantodeus_ops.deploy.stage import fetch_revision
from mantodeus_ops.errors import OpsError, StepFailedError
from mantodeus_ops.transaction.steps import Steps
from tests.deploy.test_setup import empty, ended
from tests.support.backup_transfers import host_of
from tests.support.git_repositories import git, origin


def test_a_stage_that_is_whole_is_used_again(tmp_path):
    host = empty(tmp_path, hooks={"before_commit": ("exit 3",)})
    git(tmp_path, "clone", "-q", host.app.repository, "site")
    (tmp_path / "site/.env").write_text("A=1\n")
    wanted = DeployOptions("main", skip_backup=True)
    with pytest.raises(StepFailedError, match=r"hook before_commit failed \(exit 3\)"):
        deploy(host, wanted)
    staging = tmp_path / "site/.deploy/staging"
    assert (staging / ".env").readlink() == tmp_path / "site/.env"
    (staging / "mark").touch()
    with pytest.raises(StepFailedError) as second:
        deploy(host, wanted)
    assert ended(second.value)[1:4] == [(name, "reused") for name in ("stage", "install", "build")]
    assert (staging / "mark").exists()
    (tmp_path / "site/.env").write_text("A=2\n")  # a build may have read it
    with pytest.raises(StepFailedError) as third:
        deploy(host, wanted)
    assert ended(third.value)[1] == ("stage", "ok")
    assert not (staging / "mark").exists()


def test_files_that_git_ignores_and_a_build_reads_are_in_the_stage(tmp_path):
    build = "cat .env.production uploads/data >built || { echo no file; false; }"
    host = empty(
        tmp_path,
        build_command=build,
        stage_files=(".env.production",),
        shared_paths=("uploads",),
        hooks={"before_build": ("cat uploads/data >seen",), "before_commit": ("exit 3",)},
    )
    git(tmp_path, "clone", "-q", host.app.repository, "site")
    (tmp_path / "site/.env").write_text("A=1\n")
    (tmp_path / "site/uploads").mkdir()
    (tmp_path / "site/uploads/data").write_text("data")
    wanted = DeployOptions("main", skip_backup=True)
    with pytest.raises(OpsError, match=r"\.env\.production, named by stage_files"):
        deploy(host, wanted)
    (tmp_path / "site/.env.production").write_text("production ")
    with pytest.raises(StepFailedError, match="hook before_commit failed"):
        deploy(host, wanted)
    staging = tmp_path / "site/.deploy/staging"
    assert (staging / "built").read_text() == "production data"
    assert (staging / "seen").read_text() == "data", "hooks see it, too"
    assert (staging / ".env.production").readlink() == tmp_path / "site/.env.production"


@pytest.fixture
def clone(tmp_path):
    """Return a host with a clone whose remote has something new."""
    repository = origin(tmp_path / "origin", server_js="serve();\n")
    git(tmp_path, "clone", "-q", repository, "site")
    git(tmp_path / "origin", "branch", "new")
    return host_of(tmp_path / "site")


def test_the_locks_of_a_dead_git_are_taken_away_and_it_is_fetched_again(clone):
    ref = clone.app.project_dir / ".git/refs/remotes/origin/new"
    lock = ref.with_name("new.lock")
    lock.touch()
    os.utime(lock, (1, 1))
    steps = Steps(clone)
    fetch_revision(clone, steps)
    assert [(one["name"], one["status"]) for one in steps.done] == [
        ("fetch", "failed"),
        ("fetch", "ok"),
    ]
    assert "a killed git left stale locks; fetching again" in clone.events.notes
    assert (ref.exists(), lock.exists()) == (True, False)


def test_a_remote_that_is_gone_is_no_matter_of_locks(clone, tmp_path):
    (tmp_path / "origin").rename(tmp_path / "elsewhere")
    steps = Steps(clone)
    with pytest.raises(StepFailedError, match="fetch failed"):
        fetch_revision(clone, steps)
    assert [one["status"] for one in steps.done] == ["failed"]
    assert clone.events.notes == []
