"""Backups that go to another machine and come back, over both doors."""

from __future__ import annotations

import os
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.test_rollback import deployed, forget_previous, state
from tests.e2e.watched import Watched
from tests.e2e.world import Answer, World
from tests.support.backup_transfers import forged

OLD = "backup-20200102-030405"
FIRST = 300_000
# Sends so much, then stands still for as long as the gate is closed; once open, not found.
GATED = """
if [[ -e {closed} ]]; then
  "$REAL" "$@" | head -c {first}
  touch {there}
  while [[ -e {closed} ]]; do sleep 0.05; done
  exit 1
fi
exec "$REAL" "$@"
"""
FLIPPED = r"""
"$REAL" "$@" | { head -c 1000; head -c 1 | tr '\000-\377' '\001-\377\000'; cat; }
"""
FULL = 'echo "dd: error writing: No space left on device" >&2; exit 1'


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Return the folder at our end."""
    return tmp_path / "to"


def fetched(world: World, to: Path, *more: str, code: int = 0) -> Answer:
    """Pull to a folder here."""
    return world.run("backup.pull", *more, "--to", str(to), code=code)


def on_host(world: World, name: str, end: str = "tar.gz") -> Path:
    """Return a backup's file on the host."""
    return world.project / "backups" / f"{name}.{end}"


def wipe(world: World, name: str) -> None:
    """Take a backup away from the host, without a trace."""
    for end in ("tar.gz", "json"):
        on_host(world, name, end).unlink()
    forget_previous(world)


def verdicts(world: World) -> dict[str, str]:
    """Return what is listed, with its verdicts."""
    return {one["name"]: one["verdict"] for one in world.run("backup.list").row["backups"]}


def test_a_backup_is_pulled_once(world: World, to: Path):
    name = world.run("backup").row["backup"]
    row = fetched(world, to).row
    assert (row["status"], row["backup"], row["resumed_at"]) == ("success", name, 0)
    assert Path(row["file"]).read_bytes() == on_host(world, name).read_bytes()
    assert (to / f"{name}.json").stat().st_mode & 0o777 == 0o600
    assert fetched(world, to, name).row["status"] == "unchanged"
    assert sorted(path.name for path in to.iterdir()) == [f"{name}.json", f"{name}.tar.gz"]


@contextmanager
def standing(world: World, to: Path, **env: str) -> Iterator[Watched]:
    """Start a pull that stands still in its middle; in the end, let whatever is left of it go."""
    name = world.run("backup").row["backup"]
    there, closed = world.box.root / "there", world.box.root / "closed"
    there.unlink(missing_ok=True)
    closed.touch()
    with world.shims(tail=GATED.format(closed=closed, there=there, first=FIRST)):
        pull = world.spawn("backup.pull", name, "--to", str(to), **env)
        part = to / f"{name}.tar.gz.part"
        deadline = time.monotonic() + 30
        while not there.exists() or not part.exists() or part.stat().st_size < FIRST:
            assert time.monotonic() < deadline, pull.said
            time.sleep(0.02)
        try:
            yield pull
        finally:
            closed.unlink(missing_ok=True)


def test_a_pull_whose_client_is_killed_goes_on_at_its_byte(world: World, to: Path):
    with standing(world, to) as pull:
        pull.kill()
    row = fetched(world, to).row
    assert row["resumed_at"] == FIRST
    assert Path(row["file"]).read_bytes() == on_host(world, row["backup"]).read_bytes()


def test_a_pull_whose_line_is_cut_goes_on_at_its_byte(by_ssh: World, to: Path):
    with standing(by_ssh, to) as pull:
        sessions = by_ssh.box.sshd_sessions()
        (by_ssh.box.root / "closed").unlink()  # for the next line; this one is cut before it sees
        for pid in sessions:
            os.kill(pid, signal.SIGKILL)
        row = pull.answer().row
    assert "reconnected" in pull.said
    assert row["resumed_at"] == FIRST
    assert Path(row["file"]).read_bytes() == on_host(by_ssh, row["backup"]).read_bytes()


def test_a_byte_that_is_flipped_on_the_way_is_found_and_all_of_it_thrown_away(
    world: World, to: Path
):
    name = world.run("backup").row["backup"]
    with world.shims(tail=FLIPPED):
        error = fetched(world, to, name, code=1).error
    assert "does not match its manifest" in error
    assert list(to.iterdir()) == []


def test_what_was_pulled_and_lost_on_the_host_is_pushed_and_rolled_back_to(world: World, to: Path):
    first = deployed(world)
    name = world.run("backup").row["backup"]
    before = state(world)
    fetched(world, to, name)
    wipe(world, name)
    deployed(world)
    row = world.run("backup.push", str(to / f"{name}.tar.gz")).row
    assert (row["backup"], row["verdict"], row["revision"]) == (name, "good", first)
    assert list(verdicts(world))[-1] == name
    assert world.run("backup.push", str(to / f"{name}.tar.gz")).row["status"] == "unchanged"
    forget_previous(world)
    world.run("deploy.rollback", "--backup", name)
    assert world.serves(first)
    assert state(world) == before


def test_a_push_whose_line_is_cut_goes_on(by_ssh: World, to: Path):
    name = by_ssh.run("backup").row["backup"]
    fetched(by_ssh, to, name)
    wipe(by_ssh, name)
    there, closed = by_ssh.box.root / "there", by_ssh.box.root / "closed"
    there.unlink(missing_ok=True)
    closed.touch()
    slow = f'if [[ -e {closed} ]]; then "$REAL" "$1" bs=1M count=1 conv=notrunc status=none'
    slow += f" iflag=fullblock; touch {there}; sleep 60; fi"
    with by_ssh.shims(dd=f'{slow}\nexec "$REAL" "$@"'):
        push = by_ssh.spawn("backup.push", str(to / f"{name}.tar.gz"))
        push.in_step("push")
        while not there.exists():
            assert push.process.poll() is None, push.said
            time.sleep(0.05)
        sessions = by_ssh.box.sshd_sessions()
        closed.unlink()
        for pid in sessions:
            os.kill(pid, signal.SIGKILL)
        row = push.answer().row
    assert row["resumed_at"] == 1 << 20
    assert on_host(by_ssh, name).read_bytes() == (to / f"{name}.tar.gz").read_bytes()


def test_a_push_onto_a_full_disk_ends_and_says_so(world: World, to: Path):
    name = world.run("backup").row["backup"]
    fetched(world, to, name)
    wipe(world, name)
    with world.shims(dd=FULL):
        error = world.run("backup.push", str(to / f"{name}.tar.gz"), code=1).error
    assert "No space left on device" in error
    assert name not in verdicts(world)


def test_a_hostile_archive_is_refused_and_the_app_does_not_notice(world: World, to: Path):
    world.run("backup")
    pid, before, listed = world.machine.health()["pid"], state(world), verdicts(world)
    link = {"type": tarfile.SYMTYPE, "linkname": "../../../.ssh"}
    forged(to / f"{OLD}.tar.gz", ("dist/keys", link), ("dist/keys/authorized_keys", "mine"))
    error = world.run("backup.push", str(to / f"{OLD}.tar.gz"), code=1).error
    assert "leads out of the app" in error
    assert (state(world), verdicts(world)) == (before, listed)
    assert world.machine.health()["pid"] == pid
    assert [path for path in (world.project / "backups").iterdir() if OLD in path.name] == []


def test_an_archive_of_the_old_scripts_is_listed_as_unknown_and_gone_back_to(
    world: World, to: Path
):
    first = deployed(world)
    before = state(world)
    to.mkdir()
    parts = ("dist/", "node_modules/", "package-lock.json", ".env")
    archive = to / f"{OLD}.tar.gz"
    subprocess.run(["tar", "-czf", archive, *parts], cwd=world.project, check=True)
    deployed(world)
    would = world.run("backup.push", str(archive), "--dry-run")
    assert f"scp {archive}" in would.err
    assert OLD not in verdicts(world)
    world.run("backup.push", str(archive))
    assert verdicts(world)[OLD] == "unknown"
    assert world.run("backup.verify", OLD).row["results"][0]["ok"]
    forget_previous(world)
    world.run("deploy.rollback", "--backup", OLD)
    assert world.machine.page() == first
    assert state(world) == before
    deployed(world)  # nobody knows what revision that was
