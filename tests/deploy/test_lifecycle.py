import json

import pytest

from mantodeus_ops.deploy import lifecycle
from mantodeus_ops.errors import OpsError, PreflightError, StepFailedError
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.lock import freeze
from tests.support.backup_transfers import app_at, host_of
from tests.support.fake_host import Heard, tree_of

LIVE = {"revision": "a" * 40, "entry": {"name": "manager"}}


def deployed(folder, **more):
    """Return a host to which something was deployed that does not run."""
    app_at(folder)
    (folder / ".deploy").mkdir(mode=0o700)
    (folder / ".deploy/live.json").write_text(json.dumps(LIVE))
    return host_of(folder, **more)


def job(host, text):
    """Run a line of bash as a job to its end; return its id."""
    made = commands_job(host, "build", [Command(("bash", "-c", text), str(host.app.project_dir))])
    made.follow()
    return made.id


@pytest.mark.parametrize("change", [lifecycle.restart, lifecycle.start, lifecycle.stop])
def test_what_was_never_deployed_is_neither_started_nor_stopped(tmp_path, change):
    with pytest.raises(PreflightError, match="this tool has not deployed to here yet") as no:
        change(app_at(tmp_path / "site"))
    assert no.value.hint == "fab -H here deploy"


def test_what_does_not_run_is_not_stopped(tmp_path):
    host = deployed(tmp_path / "site")
    done = lifecycle.stop(host)
    assert (done.status, done.revision, done.steps) == ("unchanged", "a" * 40, [])
    assert "the app is not running: nothing to do" in host.events.notes


def test_a_restart_that_is_only_told_changes_nothing(tmp_path):
    host = deployed(tmp_path / "site", options=Options(dry_run=True))
    before = tree_of(tmp_path / "site")
    assert lifecycle.restart(host).status == "success"
    assert host.events.commands == ["pm2 reload manager"]
    assert tree_of(tmp_path / "site") == before


def test_the_newest_job_is_followed_or_the_one_that_is_named(tmp_path):
    host = app_at(tmp_path / "site")
    with pytest.raises(PreflightError, match="no job is running and none was found"):
        lifecycle.follow(host, "")
    failed, well = job(host, "exit 3"), job(host, "echo done")
    assert lifecycle.follow(host, well) == {"job": well}
    with pytest.raises(StepFailedError, match=f"{failed} ended with exit 3"):
        lifecycle.follow(host, failed)
    with pytest.raises(PreflightError, match="there is there is no such job on the host"):
        lifecycle.follow(host, "other")


def test_a_freeze_is_ended_by_a_person_who_saw_whose_it_is(tmp_path):
    app_at(tmp_path / "site")
    heard = Heard()
    freeze(host_of(tmp_path / "site"), reason="release day")
    dry = host_of(tmp_path / "site", options=Options(dry_run=True), heard=heard)
    assert lifecycle.unlock(dry).status == "success"
    assert heard.notes[0].startswith("frozen: release day (freeze of ")
    with pytest.raises(OpsError, match=r"End the freeze\? There is no terminal"):
        lifecycle.unlock(host_of(tmp_path / "site"))
    sure = host_of(tmp_path / "site", options=Options(yes=True))
    assert lifecycle.unlock(sure).status == "success"
    assert lifecycle.unlock(sure).status == "unchanged"
