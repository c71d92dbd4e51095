"""Deploys that go well: what goes live, what is done again, and what is not."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.both_doors


@pytest.mark.quick
def test_a_new_commit_goes_live_with_a_backup_of_what_was_there(world: World):
    before, pid = world.machine.page(), world.machine.health()["pid"]
    revision = world.release()
    answer = world.run("deploy")
    row = answer.row
    assert (row["status"], row["revision"]) == ("success", revision)
    assert f"{before[:10]} → {revision[:10]}  Release" in answer.err
    assert "warning" not in answer.err  # the lock that it holds itself is none
    assert (row["previous_revision"], row["rolled_back"]) == (before, False)
    assert (world.project / "backups" / f"{row['backup']}.tar.gz").stat().st_size > 0
    assert world.serves(revision)
    assert world.machine.health()["pid"] != pid


def test_dependencies_are_not_installed_again_for_the_same_lockfile(world: World):
    world.release()
    world.run("deploy")
    world.release()
    steps = world.run("deploy").steps()
    assert steps["install"] == "reused"
    assert steps["build"] == "ok"


def test_what_is_live_and_healthy_is_left_alone(world: World):
    world.run("deploy", "--skip-backup")
    pid = world.machine.health()["pid"]
    for task in ("deploy", "deploy.start"):
        answer = world.run(task)
        assert (answer.row["status"], answer.row["steps"] == []) == ("unchanged", task != "deploy")
        assert "nothing to do" in answer.err
        assert world.machine.health()["pid"] == pid


def test_a_changed_lockfile_is_installed(world: World):
    world.run("deploy")  # after a rollback nothing is known of what is installed
    add_dependency(world.box.origin.work, world.machine.env())
    revision = world.release()
    plan = world.run("deploy", "--dry-run").row["plan"]
    assert (plan["installs"], "reads have changed" in plan["reason"]) == (True, True)
    assert world.run("deploy").steps()["install"] == "ok"
    assert world.serves(revision)
    assert (world.project / "node_modules/tiny/package.json").exists()


def add_dependency(work: Path, env: dict[str, str]) -> None:
    """Make a package, and have the app's lockfile hold it."""
    with tempfile.TemporaryDirectory(dir=work.parent) as folder:
        package = {"name": "tiny", "version": "1.0.0"}
        Path(folder, "package.json").write_text(json.dumps(package))
        npm(folder, env, "pack", "--pack-destination", str(work))
    npm(work, env, "install", "--package-lock-only", "./tiny-1.0.0.tgz")


def npm(folder: Path | str, env: dict[str, str], *args: str) -> None:
    """Run npm as a developer does."""
    subprocess.run(["npm", *args], cwd=folder, env=env, check=True, capture_output=True)
