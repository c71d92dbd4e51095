"""Rollbacks in a folder without PM2's daemon: which state is tried, and what is said of it."""

import json
import re

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.backup.job import backup_job
from mantodeus_ops.deploy.choose_rollback import choices, states
from mantodeus_ops.deploy.revert import go_back, undo
from mantodeus_ops.deploy.rollback import RollbackOptions, rollback
from mantodeus_ops.errors import OpsError, PreflightError, RollbackFailedError
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import AT_ONCE, app_at, backed_up, host_of, manifest
from tests.support.fake_host import tree_of

LIVE = {"revision": "c" * 40, "entry": {"file": "app.cjs", "digest": "d"}}
DRY = Options(dry_run=True)


def with_states(folder, *texts, live=None, env=True):
    """Return a host with a good backup of each state, and what their names are.

    Something else than the last one is live; an app that PM2 never gets to run is never healthy.
    """
    host = app_at(folder, health=AT_ONCE)
    (folder / "dist/noise").unlink()
    if not env:
        (folder / ".env").unlink()
    made = []
    for text in texts:
        (folder / "dist/index.js").write_text(text)
        made.append(backed_up(host)["name"])
    (folder / "dist/index.js").write_text("live();\n")
    if live:
        (folder / ".deploy/live.json").write_text(json.dumps(live))
    return host, made


def again(host, **options):
    """Return the same host for somebody who asks with these options."""
    return host_of(host.app.project_dir, health=AT_ONCE, options=Options(**options))


def archive(host, name):
    """Return the file of a backup."""
    return host.app.project_dir / "backups" / f"{name}.tar.gz"


def damage(host, name, place=None):
    """Change a byte of a backup, in the middle or in one part: its size says nothing of it."""
    file, parts = archive(host, name), manifest(host, name)["parts"]
    text = bytearray(file.read_bytes())
    of_part = (one["offset"] + one["bytes"] // 2 for one in parts if one["path"] == place)
    text[next(of_part, len(text) // 2)] ^= 0xFF
    file.write_bytes(bytes(text))


def rewrite(host, name, **change):
    """Change what a manifest says."""
    told = {**manifest(host, name), **change}
    archive(host, name).with_name(f"{name}.json").write_text(json.dumps(told))


def state(host):
    """Return everything of the app that a rollback may change."""
    found = tree_of(host.app.project_dir)
    return {name: what for name, what in found.items() if name.startswith(("dist", ".env"))}


def test_a_state_that_does_not_become_healthy_is_left_for_the_next_one(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n", live=LIVE)
    before = state(host)
    with pytest.raises(RollbackFailedError, match="Fix the app by hand") as failed:
        rollback(host, RollbackOptions())
    told = [note for note in host.events.notes if "trying the next one" in note]
    ill = "does not become healthy; trying the next one"
    assert told == [f"{newer} {ill}", f"{older} {ill}"]
    assert state(host) == before
    assert failed.value.details["backup"] == older
    assert [manifest(host, name)["verdict"] for name in (older, newer)] == ["bad", "bad"]
    assert len(set(runs(host))) == len(runs(host)) == 2


def runs(host):
    """Return the runs of the history, the oldest first."""
    lines = (host.app.project_dir / ".deploy/history.jsonl").read_text().splitlines()
    return [json.loads(line)["run"] for line in lines]


def test_a_state_that_was_named_is_the_only_one_to_try(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n")
    facts, seen = gather_facts(host, "health", "env"), states(host)
    tried = {
        name: [one.target.name for one in choices(host, RollbackOptions(name), facts, seen)]
        for name in (older, "")
    }
    assert tried == {older: [older], "": [newer, older]}


def test_a_damaged_backup_is_passed_over_for_the_next_one(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n")
    before = state(host)
    damage(host, newer)
    with pytest.raises(PreflightError, match=f"there is no start command of {older} for PM2") as no:
        rollback(host, RollbackOptions())
    assert no.value.hint == "fab -H here deploy"
    assert f"{newer} is damaged; trying the next one" in host.events.notes
    assert [manifest(host, name).get("damaged") for name in (older, newer)] == [None, True]
    assert state(host) == before


def test_a_backup_whose_env_is_damaged_is_passed_over_as_well(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n")
    (tmp_path / "site/.env").write_text("JWT_SECRET=another-canary\n")
    damage(host, newer, ".env")
    with pytest.raises(PreflightError, match=f"there is no start command of {older} for PM2"):
        rollback(host, RollbackOptions())
    assert f"{newer} is damaged; trying the next one" in host.events.notes


def test_what_speaks_against_a_state_is_told_and_the_next_one_is_tried(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n", env=False)
    archive(host, newer).chmod(0)
    facts, seen = gather_facts(host, "health", "env"), states(host)
    assert [one.target.name for one in choices(host, RollbackOptions(), facts, seen)] == [older]
    told = [note for note in host.events.notes if "trying the next one" in note]
    assert [note.startswith(f"{newer}: ") for note in told] == [True]
    archive(host, older).chmod(0)
    with pytest.raises(PreflightError, match=f"^{older}: ") as refused:
        list(choices(host, RollbackOptions(), facts, seen))
    assert refused.value.hint.startswith("chmod u+rwX ")


def test_a_state_of_another_node_is_asked_about(tmp_path):
    host, (name,) = with_states(tmp_path / "site", "older();\n")
    rewrite(host, name, abi="1-linux-x64")
    facts, seen = gather_facts(host, "health", "env"), states(host)
    asked = f"{name} was built for node ABI 1-linux-x64, but this host runs {facts['abi']}: native"
    with pytest.raises(OpsError, match="There is no terminal to answer on") as refused:
        list(choices(host, RollbackOptions(), facts, seen))
    assert (asked in refused.value.message, refused.value.hint) == (True, "add --yes")
    for told in ({"yes": True}, {"dry_run": True}):
        found = choices(again(host, **told), RollbackOptions(), facts, seen)
        assert [one.target.name for one in found] == [name]


def test_a_dry_run_tells_what_is_only_taken_away(tmp_path):
    app_at(tmp_path / "site")
    (tmp_path / "site/.env").unlink()
    backed_up(host_of(tmp_path / "site"))
    (tmp_path / "site/.env").write_text("A=1\n")
    (tmp_path / "site/.deploy/live.json").write_text(json.dumps(LIVE))
    before = tree_of(tmp_path / "site")
    dry = host_of(tmp_path / "site", options=DRY)
    assert rollback(dry, RollbackOptions()).previous_revision == "c" * 40
    moved, started = dry.events.commands
    assert re.fullmatch(r"mv \.env \.deploy/previous/\S+/\.env", moved)
    assert started == "pm2 reload manager"
    assert tree_of(tmp_path / "site") == before


def test_a_checkout_that_git_cannot_read_stays_as_it_is(tmp_path):
    host, (name,) = with_states(tmp_path / "site", "older();\n", live=LIVE)
    (tmp_path / "site/.git").write_text("gitdir: nowhere\n")
    dry = again(host, dry_run=True)
    rollback(dry, RollbackOptions())
    told = [note for note in dry.events.notes if note.endswith("the work tree is unchanged")]
    assert [note.startswith("git failed (") for note in told] == [True]
    tar, *moves, _ = dry.events.commands
    assert tar == f"tar -xzf backups/{name}.tar.gz -C .deploy/restore dist"
    assert [line.split()[1] for line in moves] == ["dist", ".deploy/restore/dist"]


def test_what_nobody_asked_for_its_health_is_of_an_unknown_verdict(tmp_path):
    host = app_at(tmp_path / "site")
    for wants, verdict in (((), "unknown"), (("health",), "bad")):
        made = backup_job(host, gather_facts(host, *wants), reason="a test").follow().result["name"]
        assert manifest(host, made)["verdict"] == verdict


def test_a_host_is_taken_back_to_the_very_backup_that_its_deploy_made(tmp_path):
    host, (older, newer) = with_states(tmp_path / "site", "older();\n", "newer();\n", live=LIVE)
    dry = again(host, dry_run=True)
    made = {"revision": "c" * 40, "backup": older}
    assert go_back(dry, made).backup == older != newer
    rewrite(host, newer, left=True, verdict="bad")
    assert undo(dry, made).backup == newer
