"""Rollbacks in a folder without PM2's daemon: which state is tried, and what is said of it."""

import json
import re

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.backup.job import backup_job
from mantodeus_ops.errors import OpsError, PreflightError, RollbackFailedError
from mantodeus_ops.remote.options import Options
from mantodeus_ops.rollback.revert import go_back, undo
from mantodeus_ops.rollback.rollback import RollbackOptions, rollback
from tests.support.backup_transfers import app_at, backed_up, host_of, manifest
from tests.support.fake_host import tree_of
from tests.support.rollback_states import LIVE, again, damage, rewrite, state, with_states

DRY = Options(dry_run=True)


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


def test_a_state_to_go_back_to_must_be_there(tmp_path):
    with pytest.raises(OpsError):
        rollback(app_at(tmp_path / "site"), RollbackOptions())
    with pytest.raises(OpsError):
        rollback(app_at(tmp_path / "site"), RollbackOptions("backup-20200102-030405"))
