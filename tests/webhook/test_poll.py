"""A look at the branch from cron: what is in its way is left to be looked at the next time."""

import json
import subprocess

from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.webhook.poll import poll
from tests.support.backup_transfers import host_of
from tests.support.git_repositories import git, origin


def head(folder):
    """Return the revision of a checkout."""
    argv = ["git", "-C", folder, "rev-parse", "HEAD"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def test_an_app_that_somebody_is_changing_is_left_to_them(tmp_path):
    remote, site = origin(tmp_path / "origin"), tmp_path / "site"
    git(tmp_path, "clone", "-q", remote, str(site))
    (site / ".deploy").mkdir()
    live = head(site)
    (site / ".deploy/live.json").write_text(json.dumps({"revision": live}))
    git(tmp_path / "origin", "commit", "-q", "-m", "second", "--allow-empty")
    tip, host = head(tmp_path / "origin"), host_of(site)
    with deploy_lock(host_of(site), "restart"):
        report = poll(host)
    assert (report.status, report.exit_code) == ("unchanged", 0)
    assert (report.data["revision"], report.data["live"]) == (tip, live)
    assert "the lock is held by restart of " in report.data["reason"]
    assert host.events.notes == [f"the branch has moved on to {tip[:10]}"]
    assert head(site) == live
