"""A key is replaced: killed anywhere, a login works, the next run ends it, the old key is gone."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mantodeus_ops.remote.connect import accepts_key
from sandbox.commands import CHECKOUT
from sandbox.openssh import make_key
from tests.e2e.test_keys import OTHERS, keys_kept
from tests.e2e.test_refusals import sshd, way
from tests.e2e.world import World

pytestmark = pytest.mark.xdist_group("ssh")

ROTATE = ("ssh.rotate", "--no-passphrase", "--yes")


@contextmanager
def own_key(world: World) -> Iterator[Path]:
    """Let a key of its own into the host, between lines of others; yield its file."""
    folder = world.box.root / f"ring-{secrets.token_hex(3)}"
    folder.mkdir(mode=0o700)
    make_key(folder / "id", "me@here")
    with keys_kept(world) as authorized, world.settings(identity_file=str(folder / "id")):
        public = (folder / "id.pub").read_text()
        first = OTHERS.format(key=public.split()[1][:-4] + "AAAA")
        authorized.write_text(f"{first}\nno-pty {public}# end, without a newline")
        yield folder / "id"
        shutil.rmtree(folder)


def others(world: World) -> list[str]:
    """Return the lines of authorized_keys that are not ours."""
    lines = world.machine.sshd.authorized_keys.read_text().splitlines()
    return [line for line in lines if not line.startswith("no-pty ")]


def ours(world: World) -> list[str]:
    """Return the lines of authorized_keys that are ours."""
    lines = world.machine.sshd.authorized_keys.read_text().splitlines()
    return [line for line in lines if line.startswith("no-pty ")]


def settled(world: World, key: Path, before: Path) -> None:
    """Insist that only the new key is let in, and that nothing else is left of the change."""
    assert accepts_key(way(world))
    assert not accepts_key(way(world).with_identity(str(before)))
    public = key.with_name("id.pub").read_text()
    assert ours(world) == [f"no-pty {public.strip()}"]
    assert public.endswith(" me@here\n")
    assert sorted(path.name for path in key.parent.iterdir()) == ["before", "id", "id.pub"]


def cut(world: World, key: Path, point: int) -> tuple[bool, str]:
    """Rotate, killed at this point; return whether it was, and what it said."""
    argv = [sys.executable, "-m", "tests.e2e.cut", str(point), str(key.parent)]
    done = subprocess.run(
        [*argv, "-H", "manager", *ROTATE],
        cwd=CHECKOUT,
        env=world.box.env(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9, done.stderr


def one_cut(world: World, point: int) -> bool:
    """Cut a rotation at this point and finish it; return whether there is such a point."""
    with own_key(world) as key:
        shutil.copy(key, key.with_name("before"))
        kept = others(world)
        was_killed, said = cut(world, key, point)
        assert accepts_key(way(world)), f"locked out at point {point}\n{said}"
        assert others(world) == kept
        if was_killed:
            world.run(*ROTATE)
        settled(world, key, key.with_name("before"))
        assert others(world) == kept
        return was_killed


@pytest.mark.quick
def test_a_key_is_replaced_and_the_old_one_is_refused(two: World):
    with own_key(two) as key:
        shutil.copy(key, key.with_name("before"))
        kept, before = others(two), key.read_bytes()
        told = two.run(*ROTATE, "--dry-run").err
        assert [
            word for word in ("authorize manager", "ln ", "dismiss manager") if word not in told
        ] == []
        assert key.read_bytes() == before
        row = two.run(*ROTATE).row
        assert [step["name"] for step in row["steps"]] == [
            "make",
            "admit manager",
            "prove manager",
            "turn",
            "dismiss manager",
            "refuse manager",
        ]
        settled(two, key, key.with_name("before"))
        assert others(two) == kept


@pytest.mark.parametrize("point", [2, 8, 13, 16, 20])
def test_a_rotation_that_was_killed_locks_nobody_out_and_is_finished(two: World, point: int):
    assert one_cut(two, point)


@pytest.mark.soak
def test_a_rotation_is_killed_at_every_point(two: World):
    points = 1
    while one_cut(two, points):
        points += 1
    print(points, "points")  # noqa: T201 - the count is the result
    assert points > 20


def test_what_goes_wrong_on_the_way_takes_nothing_away(two: World):
    """A new key that is refused; an old one that is let in by another file too."""
    with own_key(two) as key:
        authorized = two.machine.sshd.authorized_keys
        elsewhere = authorized.with_name("authorized_keys2")
        shutil.copy(authorized, elsewhere)
        try:
            with sshd(two, AuthorizedKeysFile=str(elsewhere)):
                answer = two.run(*ROTATE, code=1)
                assert "refuses the new key; the old one is still authorized" in answer.error
                assert accepts_key(way(two))
            with sshd(two, AuthorizedKeysFile=f"{authorized} {elsewhere}"):
                answer = two.run(*ROTATE, code=1)
                assert "continuing with the new key of an interrupted run" in answer.err
                assert "still accepts the old key: another file" in answer.error
                elsewhere.unlink()
                assert two.run(*ROTATE).row["status"] == "success"
        finally:
            elsewhere.unlink(missing_ok=True)
        assert sorted(path.name for path in key.parent.iterdir()) == ["id", "id.pub"]


def test_a_key_that_hosts_share_is_replaced_on_all_of_them_or_on_none(two: World):
    jump = two.box.machines["jump"].sshd
    before = jump.authorized_keys.read_text()
    with own_key(two) as key:
        jump.authorized_keys.write_text(key.with_name("id.pub").read_text())
        two.box.hosts["jump"]["identity_file"] = str(key)
        two.box.write_inventory()
        try:
            assert "also that of jump" in two.run(*ROTATE[:2], code=1).error
            jump.stop()
            kept = key.read_bytes()
            assert two.run(*ROTATE, code=3).row["error"].startswith("jump (")
            assert (key.read_bytes(), accepts_key(way(two))) == (kept, True)
            jump.start()
            answer = two.on("manager,jump", *ROTATE)
            assert [row["status"] for row in answer.rows] == ["success", "unchanged"]
            assert jump.authorized_keys.read_text() == key.with_name("id.pub").read_text()
            assert accepts_key(way(two, "jump"))
        finally:
            jump.start()
            jump.authorized_keys.write_text(before)
            del two.box.hosts["jump"]["identity_file"]
            two.box.write_inventory()
