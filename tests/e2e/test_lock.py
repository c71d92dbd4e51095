"""One change at a time: a lock that is held, waited for, and frozen."""

from __future__ import annotations

import pytest

from tests.e2e.world import World

GATE = """
[ "$1" != run ] || while [ ! -e {gate} ]; do sleep 0.05; done
exec "$REAL" "$@"
"""


@pytest.mark.quick
def test_a_second_deploy_is_refused_or_waits(world: World):
    gate = world.box.root / "gate"
    gate.unlink(missing_ok=True)
    revision = world.release()
    with world.shims(npm=GATE.format(gate=gate)):
        first = world.spawn("deploy")
        first.in_step("build")
        refused = world.run("deploy", code=4)
        waiting = world.spawn("deploy", "--wait", "60")
        waiting.until("waiting for")
        gate.touch()
        assert first.answer().row["status"] == "success"
        assert waiting.answer().row["status"] == "unchanged"
    assert "held by deploy of" in refused.error
    assert "follow" in refused.error
    assert world.serves(revision)


def test_a_frozen_app_stays_as_it_is_until_it_is_unlocked(world: World):
    before = world.machine.page()
    revision = world.release()
    world.run("deploy.lock", "--reason", "migration of the database")
    try:
        for task in ("deploy", "deploy.restart", "backup"):
            assert "migration of the database" in world.run(task, code=4).error
        assert world.serves(before)
        assert "migration" in str(world.run("status").row["lock"])
    finally:
        world.run("deploy.unlock", "--yes")
    world.run("deploy")
    assert world.serves(revision)
