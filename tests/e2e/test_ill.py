"""Releases that fall ill late, or die as PM2 was told they may: what was live is so again, well."""

from __future__ import annotations

import json

import pytest

from tests.e2e.world import World

QUICK = {"wait": 0, "retries": 6, "delay": 0.5}


def _well(world: World, revision: str) -> None:
    """Hold that this revision is live, and that nothing says otherwise."""
    assert world.serves(revision)
    live = json.loads((world.project / ".deploy/live.json").read_text())
    assert live["revision"] == revision
    row = world.run("status").row
    assert (row["status"], row["health"]) == ("online", "healthy")
    assert (row["crash_loop"], row["crashes"]) == (False, 0)


def test_a_version_that_is_ill_at_the_last_look_is_taken_back(world: World):
    before, sign = world.machine.page(), world.box.root / "ill"
    bad = world.release(health="unhealthy-when", file=str(sign))
    with world.settings(health=QUICK, hooks={"after_commit": [f"touch {sign}"]}):
        answer = world.run("deploy", code=5)
    assert (answer.row["status"], answer.row["rolled_back"]) == ("rolled_back", True)
    assert (answer.row["revision"], answer.row["previous_revision"]) == (bad, before)
    assert "told to be unhealthy by a file" in answer.error
    _well(world, before)
    entries = world.run("deploy.history", "--lines", "2").row["entries"]
    assert [(one["status"], one["revision"]) for one in entries[:2]] == [
        ("rolled_back", bad),
        ("success", bad),
    ]
    assert bad in json.loads((world.project / ".deploy/rejected.json").read_text())
    good = world.release()
    world.run("deploy")
    _well(world, good)


def test_a_version_that_gets_well_in_its_time_stays(world: World):
    sign = world.box.root / "ill-for-moments"
    revision = world.release(health="unhealthy-when", file=str(sign))
    ill = f"touch {sign}; (sleep 4; rm {sign}) >/dev/null 2>&1 &"
    patient = {"wait": 0, "retries": 20, "delay": 1}
    with world.settings(health=patient, hooks={"after_commit": [ill]}):
        answer = world.run("deploy")
    assert answer.row["health"] == "healthy"
    assert answer.row["checks"]["health endpoint answers"] == "ok"
    _well(world, revision)


def test_a_version_whose_health_is_not_asked_for_stays_and_is_called_what_it_is(world: World):
    sign = world.box.root / "ill-and-kept"
    revision = world.release(health="unhealthy-when", file=str(sign))
    with world.settings(health=QUICK, hooks={"after_commit": [f"touch {sign}"]}):
        answer = world.run("deploy", "--skip-health")
    assert (answer.row["status"], answer.row["health"]) == ("success", "unhealthy")
    sign.unlink()
    assert world.serves(revision)


@pytest.mark.parametrize(
    "told", ["stop_exit_codes: [1]", "autorestart: false", "max_restarts: 3, min_uptime: 5000"]
)
def test_bad_releases_one_after_the_other_leave_the_version_before_well(world: World, told):
    kept = (world.box.origin.work / "ecosystem.config.cjs").read_text()
    try:
        text = kept.replace("kill_timeout: 3000,", f"kill_timeout: 3000, {told},")
        assert told in text
        good = world.release({"ecosystem.config.cjs": text})
        with world.settings(health=QUICK):
            world.run("deploy")
            for _ in range(2):
                world.release(start="die")
                answer = world.run("deploy", "--skip-boot-test", code=5)
                assert "told to die" in answer.error
                _well(world, good)
    finally:
        world.release({"ecosystem.config.cjs": kept})
        world.run("deploy")
