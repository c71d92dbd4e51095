"""Recovery of an interrupted activation: done first, reported, or impossible."""

import json

import pytest

from mantodeus_ops.errors import RollbackFailedError, StepFailedError
from mantodeus_ops.remote.options import Options
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.recover import recover_and_gather_facts
from tests.support.backup_transfers import AT_ONCE, app_at, host_of
from tests.support.fake_host import tree_of

OLD = {"revision": "a" * 40, "entry": {"file": "app.cjs", "digest": "d"}}
BEGIN = {
    "run": "r1",
    "step": "begin",
    "task": "deploy",
    "who": "kim",
    "from_state": {"live": OLD, "entry": OLD["entry"], "had": ["dist"], "head": "", "branch": ""},
    "swaps": ["dist"],
    "revision": "b" * 40,
    "previous_revision": "a" * 40,
    "digest": "e",
}


def cut_off(folder, **more):
    """Return a host on which a deploy was interrupted right after it had swapped."""
    app_at(folder)
    aside = folder / ".deploy/previous/r1/dist"
    aside.mkdir(mode=0o700, parents=True)
    (aside / "index.js").write_text("before();\n")
    lines = (BEGIN, {"run": "r1", "step": "swap"})
    (folder / ".deploy/journal.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in lines))
    return host_of(folder, health=AT_ONCE, **more)


def host_at_rest(host):
    """Return the same host, on which PM2 can be asked again."""
    return host_of(host.app.project_dir, health=AT_ONCE)


def test_an_app_that_does_not_come_back_calls_for_a_person(tmp_path):
    host = cut_off(tmp_path / "site")
    with pytest.raises(RollbackFailedError) as stuck, deploy_lock(host, "deploy") as lock:
        recover_and_gather_facts(host, lock)
    said = "the app could not be recovered after an interrupted run: "
    assert stuck.value.message.startswith(said)
    assert len(stuck.value.message) > len(said)
    assert (stuck.value.exit_code, stuck.value.hint) == (6, "fab -H here logs --err --lines 50")
    assert "the deploy of kim was interrupted at swap; recovering" in host.events.notes
    assert not any("is live and healthy" in note for note in host.events.notes)
    assert (tmp_path / "site/dist/index.js").read_text() == "before();\n"
    line = json.loads((tmp_path / "site/.deploy/history.jsonl").read_text())
    assert (line["run"], line["exit_code"], line["rolled_back"]) == ("r1", 6, True)


def test_a_recovery_that_broke_down_is_not_called_put_right(tmp_path):
    host = cut_off(tmp_path / "site", pm2="false")
    with pytest.raises(StepFailedError) as broke, deploy_lock(host, "deploy") as lock:
        recover_and_gather_facts(host, lock)
    said = "the deploy of kim was interrupted and could not be recovered (exit 94)"
    assert broke.value.message.startswith(said)
    assert broke.value.hint.startswith("fab -H here deploy.follow --job ")
    assert not any("is live and healthy" in note for note in host.events.notes)
    with pytest.raises(RollbackFailedError), deploy_lock(host_at_rest(host), "deploy") as lock:
        recover_and_gather_facts(host_at_rest(host), lock)


def test_what_cannot_be_put_right_three_times_is_left_to_a_person_and_blocks_nobody(tmp_path):
    host = cut_off(tmp_path / "site", pm2="false")
    for error in (StepFailedError, StepFailedError, RollbackFailedError):
        with pytest.raises(error), deploy_lock(host, "deploy") as lock:
            recover_and_gather_facts(host, lock)
    with deploy_lock(host, "deploy") as lock:
        assert recover_and_gather_facts(host, lock)["open_run"] is None
    assert sum("; recovering" in note for note in host.events.notes) == 3


def test_a_dry_run_only_tells_of_it(tmp_path):
    dry = cut_off(tmp_path / "site", options=Options(dry_run=True))
    before = tree_of(tmp_path / "site")
    with deploy_lock(dry, "deploy") as lock:
        assert recover_and_gather_facts(dry, lock)["open_run"]["run"] == "r1"
    assert dry.events.notes == ["a run was interrupted; the next deploy recovers it first"]
    assert tree_of(tmp_path / "site") == before
