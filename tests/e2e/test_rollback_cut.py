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
SOME = [("rename", 2), ("rename", 5), ("rename", 7), ("rename", 10), ("fsync", 6), ("fsync", 12)]
EVERY = [(call, when) for call in ("rename", "fsync", "mkdir", "openat") for when in range(1, 40)]


def contents(world: World) -> dict[str, str]:
    """Return what is in every file of the app's state; git may give its own files another mode."""
    return {name: seen.rpartition(" ")[2] for name, seen in state(world).items()}


def cut(world: World, call: str, when: int) -> bool:
    """Kill a rollback at this call; hold what must follow; return whether it was killed."""
    before, live = contents(world), world.machine.page()
    log = world.box.root / "strace.log"
    log.write_text("")
    with world.shims(node=KILLED.format(log=log, call=call, when=when)):
        done = world.spawn("deploy.rollback")
        done.process.wait(120)
    killed = "killed by SIGKILL" in log.read_text()
    world.run("backup")
    after, now = contents(world), world.machine.page()
    assert world.serves(now)
    assert (after == before) is (now == live)
    if now != live:
        world.run("deploy.rollback", "--undo")
    assert contents(world) == before
    return killed


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_a_killed_commit_leaves_one_whole_state_and_is_put_right(by_ssh: World):
    deployed(by_ssh)
    deployed(by_ssh)
    assert sum(cut(by_ssh, call, when) for call, when in SOME) >= 4


@pytest.mark.soak
def test_a_commit_is_killed_at_every_call(by_ssh: World):
    deployed(by_ssh)
    deployed(by_ssh)
    points = sum(cut(by_ssh, call, when) for call, when in EVERY)
    print(points, "points")  # noqa: T201 - the count is the result
    assert points > 50
