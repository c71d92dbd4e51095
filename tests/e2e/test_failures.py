"""Releases that are no good: the app answers as if nothing had happened."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from tests.e2e.probe import Probe
from tests.e2e.world import World

QUICK = {"wait": 0, "retries": 6, "delay": 0.5}


@pytest.mark.parametrize(
    ("behaviour", "step"), [({"build": "fail"}, "build"), ({"start": "die"}, "boot")]
)
def test_what_fails_before_it_is_live_costs_no_request(world: World, behaviour, step):
    before, pid = world.machine.page(), world.machine.health()["pid"]
    world.release(**behaviour)
    with Probe(world.machine) as probe:
        answer = world.run("deploy", code=1)
    assert probe.failures == []
    assert probe.asked > 20
    assert answer.steps()[step] == "failed"
    assert "unchanged" in answer.error
    assert world.serves(before)
    assert world.machine.health()["pid"] == pid


@pytest.mark.parametrize("door", [pytest.param("fab", marks=pytest.mark.quick), "inv"])
def test_a_version_that_turns_unhealthy_is_rolled_back(world: World):
    before = world.machine.page()
    bad = world.release(health="unhealthy-live")
    with world.settings(health=QUICK):
        answer = world.run("deploy", code=5)
    assert (answer.row["status"], answer.row["rolled_back"]) == ("rolled_back", True)
    assert (answer.row["revision"], answer.row["previous_revision"]) == (bad, before)
    assert "told to be unhealthy" in answer.error
    ssh = f"ssh -p {world.machine.sshd.port} {getpass.getuser()}@127.0.0.1 "
    door, cat, file = answer.row["hint"].rpartition("cat ")
    assert (door, cat) == (ssh if world.door == "fab" else "", "cat ")
    assert "told to be unhealthy" in Path(file).read_text()
    assert world.serves(before)
    assert before in (world.project / "dist/index.js").read_text()
    assert world.git("status", "--porcelain") == ""
    entry = world.run("deploy.history", "--lines", "1").row["entries"][0]
    assert (entry["status"], entry["revision"]) == ("rolled_back", bad)


def test_a_rollback_that_fails_too_calls_for_a_person(world: World):
    before = world.machine.page()
    world.release()
    ruin = f"sed -i s/^PORT=.*/PORT=1/ {world.project}/.env"  # no version can listen there
    with world.settings(health=QUICK, hooks={"before_commit": [ruin]}):
        answer = world.run("deploy", code=6)
    assert "by hand" in answer.error
    assert "logs --err" in answer.row["hint"]
    assert world.git("rev-parse", "HEAD") == before
    world.machine.write_env()
    world.release()
    revision = world.run("deploy").row["revision"]
    assert world.serves(revision)


def test_a_missing_env_is_named_with_what_it_needs(world: World):
    world.release()
    env = world.project / ".env"
    away = env.rename(env.with_suffix(".away"))
    try:
        error = world.run("deploy", code=1).error
    finally:
        away.rename(env)
    assert all(word in error for word in (".env", "PORT", "DATABASE_URL", "JWT_SECRET"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("export default { apps: [{ name: 'manager', script: 'dist/index.js' }] };\n", "ES module"),
        ("module.exports = { apps: [{ name: 'other', script: 'dist/index.js' }] };\n", "other"),
    ],
)
def test_an_ecosystem_file_that_pm2_cannot_use_is_told_plainly(world: World, text, said):
    before, pid = world.machine.page(), world.machine.health()["pid"]
    name = "ecosystem.config.js" if "export default" in text else "ecosystem.config.cjs"
    kept = (world.box.origin.work / "ecosystem.config.cjs").read_text()
    world.release(
        {"ecosystem.config.cjs": None, name: text} if name.endswith(".js") else {name: text}
    )
    error = world.run("deploy", code=1).error
    world.release(
        {name: None, "ecosystem.config.cjs": kept} if name.endswith(".js") else {name: kept}
    )
    assert name in error
    assert said in error
    assert world.serves(before)
    assert world.machine.health()["pid"] == pid
