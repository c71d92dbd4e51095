"""A rollback whose commit is killed: one whole state is live, and the next command works."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.test_rollback import deployed, state
from tests.e2e.world import World

# The commit's own system calls: each is a place where it may end.
KILLED = """
if [[ $1 == */jobs/*-rollback-*/main.cjs ]]; then
  exec strace -o {log} -e trace={call} -e inject={call}:signal=KILL:when={when} "$REAL" "$@"
fi
exec "$REAL" "$@"
"""
SOME = [*(("rename", when) for when in (2, 3, 4, 5, 7, 10)), ("fsync", 6), ("fsync", 12)]
EVERY = [(call, when) for call in ("rename", "fsync", "mkdir", "openat") for when in range(1, 40)]


def cut(world: World, call: str, when: int) -> bool:
    """Kill a rollback at this call; hold what must follow; return whether it was killed."""
    before, live = state(world), world.machine.page()
    log = world.box.root / "strace.log"
    log.write_text("")
    with world.shims(node=KILLED.format(log=log, call=call, when=when)):
        done = world.spawn("deploy.rollback")
        done.process.wait(120)
    killed = "killed by SIGKILL" in log.read_text()
    world.run("backup")
    after, now = state(world), world.machine.page()
    assert world.serves(now)
    assert (after == before) is (now == live)
    if now != live:
        world.run("deploy.rollback", "--undo")
    assert state(world) == before
    return killed


def two_states(world: World) -> None:
    """Deploy twice, and edit a file that git knows: it must come back as it was, edit and mode."""
    deployed(world)
    deployed(world)
    lock = world.project / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    lock.chmod(0o644)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_killed_commit_leaves_one_whole_state_and_is_put_right(by_ssh: World):
    two_states(by_ssh)
    assert sum(cut(by_ssh, call, when) for call, when in SOME) >= 4


@pytest.mark.soak
def test_a_commit_is_killed_at_every_call(by_ssh: World):
    two_states(by_ssh)
    points = sum(cut(by_ssh, call, when) for call, when in EVERY)
    print(points, "points")  # noqa: T201 - the count is the result
    assert points > 50
