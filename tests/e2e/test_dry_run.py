"""A dry run: everything is told, and not one byte changes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.e2e.world import World


@pytest.mark.quick
def test_a_dry_run_tells_everything_and_changes_nothing(world: World):
    before, pid = world.machine.page(), world.machine.health()["pid"]
    revision = world.release()  # not fetched yet
    tree = everything_in(world.project)
    answer = world.run("deploy", "--dry-run")
    after = everything_in(world.project)
    assert {name for name in tree | after if tree.get(name) != after.get(name)} == set()
    assert (world.machine.page(), world.machine.health()["pid"]) == (before, pid)
    plan = answer.row["plan"]
    assert (answer.row["revision"], answer.row["previous_revision"]) == (revision, before)
    assert plan["range"] == f"{before[:10]}..{revision[:10]}"
    assert revision[:7] in " ".join(plan["commits"])
    assert plan["installs"] is False
    assert plan["disk_free_bytes"] > plan["disk_needed_bytes"] > 0


def test_the_commands_are_those_that_a_deploy_then_runs(world: World):
    revision = world.release()
    commands = world.run("deploy", "--dry-run").row["plan"]["commands"]
    said = "\n".join(commands)
    for part in (
        "tar ",
        f"worktree add --quiet --force --detach .deploy/staging '{revision}^0'",
        "pm2 ",
    ):
        assert part in said
    heard = world.run("deploy").err
    build = next(command for command in commands if "npm run build" in command)
    assert f"$ {build.removeprefix('cd ').rpartition(' && ')[2]}" in heard


def test_a_dry_run_refuses_what_a_deploy_would_refuse(world: World):
    world.release()
    (world.project / "src/index.html").write_text("edited\n")
    assert "src/index.html" in world.run("deploy", "--dry-run", code=1).error


def everything_in(folder: Path) -> dict[str, tuple[int, str]]:
    """Return mode and content of everything below a folder, but of what is being deleted."""
    below = [path for path in folder.rglob("*") if "trash" not in path.parts]
    return {str(path.relative_to(folder)): seen(path) for path in below}


def seen(path: Path) -> tuple[int, str]:
    """Return what one file is."""
    mode = path.lstat().st_mode
    if path.is_symlink():
        return mode, str(path.readlink())
    return mode, sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
