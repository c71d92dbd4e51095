"""What a rollback left and could not back up: it stays aside, and --undo goes back to it."""

from __future__ import annotations

import pytest

from tests.e2e.test_rollback import deployed, state
from tests.e2e.world import World


@pytest.mark.parametrize("door", ["inv"])
def test_what_was_left_and_not_backed_up_is_kept_aside_for_undo(world: World):
    first, second = deployed(world), deployed(world)
    after, known = state(world), backups(world)
    try:
        with world.settings(hooks={"after_commit": ["chmod 500 backups"]}):
            answer = world.run("deploy.rollback")
    finally:
        (world.project / "backups").chmod(0o700)
    assert world.serves(first)
    assert answer.steps()["backup"] == "failed"
    assert "the replaced state could not be backed up: " in answer.err
    assert "it is kept until the next change; --undo restores it" in answer.err
    assert backups(world) == known
    assert world.run("deploy.rollback", "--undo").row["revision"] == second
    assert state(world) == after


def backups(world: World) -> list[str]:
    """Return what lies where the backups are."""
    return sorted(file.name for file in (world.project / "backups").iterdir())
