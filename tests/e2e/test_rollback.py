"""Backups as a person uses them, and rollbacks that find the last good state."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.world import World

QUICK = {"wait": 0, "retries": 6, "delay": 0.5}
PARTS = ("dist", "node_modules", "package-lock.json", ".env")


@pytest.mark.quick
@pytest.mark.both_doors
def test_rollback_goes_to_the_state_before_and_undo_returns(world: World):
    first = deployed(world)
    before = state(world)
    second = deployed(world)
    after = state(world)
    row = world.run("deploy.rollback").row
    assert (row["revision"], row["previous_revision"]) == (first, second)
    assert world.serves(first)
    assert state(world) == before
    world.run("deploy.rollback", "--undo")
    assert world.serves(second)
    assert state(world) == after


@pytest.mark.parametrize("door", ["fab"])
def test_two_rollbacks_walk_to_an_older_state_and_one_undo_returns_one_step(world: World):
    oldest, middle, newest = deployed(world), deployed(world), deployed(world)
    assert world.run("deploy.rollback").row["revision"] == middle
    assert world.run("deploy.rollback").row["revision"] == oldest
    assert world.serves(oldest)
    assert world.run("deploy.rollback", "--undo").row["revision"] == middle
    assert world.serves(middle)
    assert newest in rejected(world)


@pytest.mark.parametrize("door", ["inv"])
def test_a_broken_state_is_never_gone_back_to_however_often_it_is_restarted(world: World):
    good = deployed(world)
    kept = state(world)
    deployed(world)
    (world.project / "dist/index.js").write_text("throw new Error('broken by hand');\n")
    with world.settings(health={"wait": 0, "retries": 2, "delay": 0.5}):
        for _ in range(7):
            world.run("deploy.restart", code=1)
        listed = world.run("backup.list").row["backups"]
        assert len({one["content"] for one in listed}) <= 6
        assert len(listed) <= 6 * 5
        assert listed[0]["verdict"] == "bad"
        row = world.run("deploy.rollback").row
    assert row["revision"] in {good, world.git("rev-parse", "HEAD")}
    assert world.serves(row["revision"])
    if row["revision"] == good:
        assert state(world) == kept


def test_a_backup_is_named_and_restores_everything_and_nothing_more(world: World):
    first = deployed(world)
    name = world.run("backup").row["backup"]
    before = state(world)
    deployed(world)
    (world.project / "dist/extra.txt").write_text("not in the backup\n")
    add_variable(world, "NEWLY_SET", "value")
    (world.project / "package-lock.json").write_text("{}\n")
    told = world.run("deploy.rollback", "--dry-run", "--backup", f"backups/{name}.tar.gz")
    assert "NEWLY_SET" in told.err
    assert "value" not in told.err
    world.run("deploy.rollback", "--backup", name)
    assert world.serves(first)
    assert state(world) == before
    assert world.git("status", "--porcelain") == ""


def test_the_environment_may_be_kept(world: World):
    deployed(world)
    deployed(world)
    add_variable(world, "KEPT", "as it is")
    kept = (world.project / ".env").read_text()
    world.run("deploy.rollback", "--keep-env")
    assert (world.project / ".env").read_text() == kept
    world.machine.write_env()


def test_what_is_live_is_not_rolled_back_to(world: World):
    deployed(world)
    name = world.run("backup").row["backup"]
    row = world.run("deploy.rollback", "--backup", name).row
    assert row["status"] == "unchanged"
    assert (
        "no complete backup" in world.run("deploy.rollback", "--backup", "backup-1", code=1).error
    )


@pytest.mark.parametrize("door", ["fab"])
def test_a_rollback_that_turns_out_unhealthy_returns_and_the_next_one_goes_further(world: World):
    good = deployed(world)
    middle = deployed(world)
    last = deployed(world)
    state_before = state(world)
    poison(world, middle)
    with world.settings(health=QUICK):
        name = named(world, middle)
        answer = world.run("deploy.rollback", "--backup", name, code=5)
        assert answer.row["rolled_back"] is True
        assert state(world) == state_before
        assert world.serves(last)
        assert world.run("deploy.rollback").row["revision"] == good
    assert world.serves(good)


@pytest.mark.parametrize("door", ["inv"])
def test_a_damaged_backup_is_passed_over_and_named(world: World):
    good = deployed(world)
    middle = deployed(world)
    deployed(world)
    name = named(world, middle)
    archive = world.project / "backups" / f"{name}.tar.gz"
    forget_previous(world)
    flip(archive, archive.stat().st_size // 2)
    answer = world.run("backup.verify", code=7)
    assert name in answer.error
    assert [one["name"] for one in answer.row["results"] if not one["ok"]] == [name]
    pid = world.machine.health()["pid"]
    assert "damaged" in world.run("deploy.rollback", "--backup", name, code=1).error
    assert world.machine.health()["pid"] == pid
    row = world.run("deploy.rollback").row
    assert row["revision"] == good
    assert world.serves(good)


@pytest.mark.parametrize("door", ["inv"])
def test_the_manual_way_works_with_a_backup(world: World):
    first = deployed(world)
    name = world.run("backup").row["backup"]
    deployed(world)
    script = f"cd {world.project} && pm2 stop manager && tar -xzf backups/{name}.tar.gz"
    done = subprocess.run(
        ["bash", "-c", f"{script} && pm2 restart manager"],
        env=world.machine.env(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert comes_up(world, first)
    deployed(world)  # git knows nothing of what was done by hand


@pytest.mark.parametrize("door", ["fab"])
def test_prune_says_what_would_go_and_then_it_goes(world: World):
    for _ in range(3):
        deployed(world)
    world.run("backup")
    with world.settings(keep_backups=1):
        would = world.run("backup.prune", "--dry-run").row["pruned"]
        before = names(world)
        gone = world.run("backup.prune").row["pruned"]
    assert would == gone
    assert gone
    assert names(world) == [name for name in before if name not in gone]
    assert len(names(world)) == 2  # the newest, and a good one to go back to


def deployed(world: World) -> str:
    """Release something new and deploy it; return its revision."""
    revision = world.release()
    world.run("deploy")
    return revision


def comes_up(world: World, revision: str) -> bool:
    """Return whether the page shows this revision within ten seconds."""
    for _ in range(100):
        if world.machine.page() == revision:
            return True
        time.sleep(0.1)
    return False


def named(world: World, revision: str) -> str:
    """Return the newest backup of a revision."""
    listed = world.run("backup.list").row["backups"]
    return next(str(one["name"]) for one in listed if one["revision"] == revision)


def names(world: World) -> list[str]:
    """Return what is listed, the newest first."""
    return [one["name"] for one in world.run("backup.list").row["backups"]]


def state(world: World) -> dict[str, str]:
    """Return a digest of every file of the app's state, with its mode."""
    seen = {}
    for part in PARTS:
        top = world.project / part
        for path in [top, *sorted(top.rglob("*"))] if top.is_dir() else [top]:
            seen[str(path.relative_to(world.project))] = look(path)
    return seen


def look(path: Path) -> str:
    """Return what one path is."""
    if path.is_symlink():
        return f"link to {path.readlink()}"
    mode = oct(path.stat().st_mode)
    return f"{mode} {hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ''}"


def add_variable(world: World, name: str, value: str) -> None:
    """Add a line to .env as a person does."""
    file = world.project / ".env"
    file.write_text(f"{file.read_text()}{name}={value}\n")


def rejected(world: World) -> str:
    """Return what is known of the revisions that were left."""
    return (world.project / ".deploy/rejected.json").read_text()


def poison(world: World, revision: str) -> None:
    """Make the host remember of one revision that a file starts it which is not there."""
    file = world.project / "backups" / f"{named(world, revision)}.json"
    manifest = json.loads(file.read_text())
    entry = manifest["live"]["entry"] | {"file": "nothing.config.cjs", "digest": "other"}
    entry["apps"] = [app | {"digest": "other"} for app in entry.get("apps", [])]
    manifest["live"]["entry"] = entry
    file.write_text(json.dumps(manifest))
    forget_previous(world)


def forget_previous(world: World) -> None:
    """Let nothing be kept for a quick way back."""
    for state_file in (world.project / ".deploy/previous").glob("*/state.json"):
        state_file.unlink()


def flip(file: Path, at: int) -> None:
    """Change one byte of a file."""
    text = bytearray(file.read_bytes())
    text[at] ^= 0xFF
    file.write_bytes(bytes(text))
