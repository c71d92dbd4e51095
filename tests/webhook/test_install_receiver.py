"""A receiver that is put here: who keeps it up, what would be done, what is worth a word."""

import json
import os
import signal
import time
from contextlib import suppress

import pytest

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.remote.options import Options
from mantodeus_ops.webhook.install import install
from mantodeus_ops.webhook.self_install_plan import host_inventory
from sandbox.openssh import free_port
from sandbox.processes import is_alive
from tests.support.backup_transfers import app_at
from tests.support.fake_host import tree_of
from tests.support.program_stubs import stubs
from tests.support.webhook_hosts import SIGNED, deployed, hook_of

DRY = Options(dry_run=True)
OLD = "WEBHOOK_SECRET_OLD=fedcba9876543210-fedcba9876543210-other\n"
CRONTAB = 'case "$1" in -l) cat "${0%/*}/table" ;; *) cat >"${0%/*}/table" ;; esac'


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return the folder of an app that was deployed; PM2 does not run."""
    monkeypatch.setenv("PM2_HOME", str(tmp_path / "pm2"))
    return deployed(tmp_path / "site")


def would(host, *, without_pm2):
    """Return what an installation would do beside the files that it writes."""
    before = tree_of(host.app.project_dir)
    assert install(host, without_pm2=without_pm2).status == "success"
    assert tree_of(host.app.project_dir) == before
    return [line for line in host.events.commands if not line.startswith("write ")]


def test_where_pm2_cannot_be_used_cron_keeps_the_receiver_up(site, tmp_path):
    path = stubs(tmp_path / "bin", npx="exit 1")
    host = hook_of(site, options=DRY, pm2="npx --no-install pm2", path=path)
    by_cron = ["crontab -", "bash .deploy/webhook/keep.sh"]
    assert would(host, without_pm2=False) == by_cron
    assert host.events.notes == ["PM2 cannot be used here: cron starts the receiver"]
    host = hook_of(site, options=DRY)
    assert would(host, without_pm2=True) == by_cron
    assert host.events.notes == []
    started = [line.split()[1] for line in would(hook_of(site, options=DRY), without_pm2=False)]
    assert started == ["delete", "start", "save"]


def test_a_change_of_the_secret_that_is_not_finished_is_in_nobody_s_way(site):
    (site / ".env").write_text(SIGNED + OLD)
    assert would(hook_of(site, options=DRY), without_pm2=True)


@pytest.fixture
def installing(site, tmp_path, monkeypatch):
    """Return what puts a receiver here that cron keeps up; it is ended with the test."""
    path = stubs(tmp_path / "bin", crontab=CRONTAB)
    (tmp_path / "bin/table").write_text("")
    monkeypatch.setenv("OPS_INVENTORY", str(tmp_path / "hosts.toml"))
    port = free_port()

    def put(url=""):
        host = hook_of(site, port, url=url, path=path)
        (tmp_path / "hosts.toml").write_text(host_inventory(host.spec))
        return install(host, without_pm2=True), host.events.notes

    yield put
    for pid in running(site):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    late = time.monotonic() + 60
    while any(map(is_alive, running(site))):
        assert time.monotonic() < late
        time.sleep(0.05)


def running(site):
    """Return the processes that a receiver is, the one that would start it anew first."""
    keeper, config = site / ".deploy/webhook/keeper.pid", site / ".deploy/webhook.json"
    found = [int(keeper.read_text().split()[0])] if keeper.exists() else []
    return [*found, json.loads(config.read_text())["pid"]] if config.exists() else found


def test_who_has_no_address_for_the_world_yet_is_told_how_to_try_it(installing, tmp_path):
    report, notes = installing("https://hooks.example.org/webhook")
    assert (report.status, report.data["by"], notes) == ("success", "cron", [])
    assert "/.deploy/webhook/keep.sh" in (tmp_path / "bin/table").read_text()
    again, notes = installing()
    assert (again.status, again.data["pid"] != report.data["pid"]) == ("success", True)
    said = "try it: fab -H here webhook.ping; then tell GitHub of it, see docs/webhook.md"
    assert notes == [said]
    assert installing()[0].data["pid"] == again.data["pid"]


def test_a_receiver_is_installed_for_an_app_that_was_deployed_only(tmp_path):
    with pytest.raises(PreflightError, match="this tool has not deployed to here yet"):
        install(app_at(tmp_path / "site"), without_pm2=True)
