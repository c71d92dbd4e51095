"""A commit in a folder without PM2's daemon: what it can still do where the disk is against it."""

import json

import pytest

from mantodeus_ops.errors import RollbackFailedError, StepFailedError
from mantodeus_ops.remote.answers.programs import FACTS
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.steps import Steps
from tests.support.backup_transfers import AT_ONCE, app_at, backed_up, manifest
from tests.support.program_stubs import stubs

LIVE = {"revision": "b" * 40, "entry": {"file": "app.cjs", "digest": "d"}}
WHAT = {
    "task": "deploy",
    "run": "r1",
    "swaps": ["dist"],
    "entry": LIVE["entry"],
    "live": LIVE,
    "revision": "b" * 40,
    "previous_revision": "a" * 40,
}


def site_at(folder, **more):
    """Return a host whose next version is ready beside the live one."""
    host = app_at(folder, health=AT_ONCE, **more)
    staged = folder / ".deploy/staging/dist"
    staged.mkdir(parents=True, mode=0o700)
    (staged / "index.js").write_text("next();\n")
    (folder / ".deploy/live.json").write_text(json.dumps(LIVE | {"revision": "a" * 40}))
    return host


def test_a_version_that_cannot_be_moved_back_is_not_thrown_away(tmp_path):
    site = tmp_path / "site"
    path = stubs(tmp_path / "bin", pm2=f"chmod 500 {site}; exit 1")
    host = site_at(site, path=path, pm2="pm2")
    try:
        with pytest.raises(RollbackFailedError, match=r"failed too: .*Fix the app by hand"):
            activate(host, Steps(host), **WHAT)
    finally:
        site.chmod(0o700)
    assert (site / ".deploy/previous/r1/dist/index.js").read_text() == "answer();\n"
    assert (site / "dist/index.js").read_text() == "next();\n"
    kept = host.query(FACTS, want=[])["previous"]
    assert [(one["run"], "dist" in one["names"]) for one in kept] == [("r1", True)]


def test_a_failure_report_that_cannot_be_written_does_not_keep_the_app_from_going_back(tmp_path):
    site = tmp_path / "site"
    jobs = f"{site}/.deploy/jobs/*-deploy-*"
    taken = f'for job in {jobs}; do mkdir -p "$job/dossier.txt"; done; exit 1'
    path = stubs(tmp_path / "bin", pm2=taken)
    host = site_at(site, path=path, pm2="pm2")
    with pytest.raises(RollbackFailedError):
        activate(host, Steps(host), **WHAT)
    assert "the failure report could not be written: " in host.events.output
    assert (site / "dist/index.js").read_text() == "answer();\n"


def test_verdicts_that_cannot_be_written_do_not_end_a_commit(tmp_path):
    host = site_at(tmp_path / "site")
    made = backed_up(host)
    backups = tmp_path / "site/backups"
    backups.chmod(0o500)
    try:
        ended = activate(
            host, Steps(host), **WHAT, target=made["content"], skip_health=True, left="none"
        )
    finally:
        backups.chmod(0o700)
    assert (ended.code, ended.result["status"]) == (0, "success")
    assert "the verdict of the backups could not be written: " in host.events.output
    assert manifest(host, made["name"])["verdict"] == "good"


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        ("exit 7", "hook before_commit failed (exit 7)"),
        (
            "echo 'Error: no such table {'; echo \"  code: 'X'\"; echo '}'; exit 7",
            "hook before_commit failed (exit 7); Error: no such table",
        ),
    ],
)
def test_a_hook_that_fails_is_told_with_its_own_reason_and_once(tmp_path, hook, reason):
    host = site_at(tmp_path / "site", hooks={"before_commit": (hook,)})
    with pytest.raises(StepFailedError) as failed:
        activate(host, Steps(host), **WHAT)
    assert failed.value.message == f"{reason}. The live app runs the same files as before"
