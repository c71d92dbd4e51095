"""Commands of the inventory around a deploy."""

from __future__ import annotations

import pytest

from tests.e2e.world import World

NAMES = ("before_build", "after_build", "before_commit", "after_commit", "on_failure")


def hooks(world: World, **failing: str) -> dict[str, list[str]]:
    """Return hooks that write their names down, some of which then fail."""
    said = world.box.root / "hooks.txt"
    said.unlink(missing_ok=True)
    return {name: [f"echo {name} >>{said}", failing.get(name, "true")] for name in NAMES}


def heard(world: World) -> list[str]:
    """Return the names of the hooks that ran."""
    return (world.box.root / "hooks.txt").read_text().split()


def test_hooks_run_in_their_order(world: World):
    world.release()
    with world.settings(hooks=hooks(world)):
        world.run("deploy")
    assert heard(world) == ["before_build", "after_build", "before_commit", "after_commit"]


@pytest.mark.parametrize("name", ["before_build", "after_build", "before_commit"])
def test_a_hook_that_fails_leaves_the_live_app_alone(world: World, name: str):
    before, pid = world.machine.page(), world.machine.health()["pid"]
    world.release()
    with world.settings(hooks=hooks(world, **{name: "exit 9"})):
        error = world.run("deploy", code=1).error
    assert name in error
    assert heard(world)[-2:] == [name, "on_failure"]
    assert world.serves(before)
    assert world.machine.health()["pid"] == pid


def test_a_hook_after_the_commit_that_fails_does_not_undo_it(world: World):
    revision = world.release()
    with world.settings(hooks=hooks(world, after_commit="exit 9")):
        answer = world.run("deploy")
    assert "after_commit" in answer.err
    assert world.serves(revision)
