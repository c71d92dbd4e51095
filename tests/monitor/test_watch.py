"""What a watch makes of an app that is ill: a verdict on the state it saw, and on no other."""

import contextlib
import json

import pytest

from mantodeus_ops.events import Sample
from mantodeus_ops.monitor.watch import watch
from mantodeus_ops.remote.options import Options
from mantodeus_ops.transaction.lock import deploy_lock
from tests.support.backup_transfers import app_at, backed_up, host_of, listed
from tests.support.fake_host import Heard
from tests.support.faulty_transports import Dropping
from tests.support.program_stubs import chatty_node

NO_PM2 = "the PM2 daemon is not running"


class Watcher(Heard):
    """Somebody who sees one sample, and types Ctrl-C once this has happened meanwhile."""

    def __init__(self, meanwhile=lambda: None):
        super().__init__()
        self.meanwhile = meanwhile

    def emit(self, event):
        """Remember what happened; stop after a sample."""
        super().emit(event)
        if isinstance(event, Sample):
            self.meanwhile()
            raise KeyboardInterrupt


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return an app's folder without a PM2 that runs: whoever looks finds the app ill."""
    monkeypatch.setenv("PM2_HOME", str(tmp_path / "pm2"))
    app_at(tmp_path / "site")
    return tmp_path / "site"


def watched(host):
    """Watch the app; return what it came to."""
    report = watch(host, seconds=30)
    assert [seen["reason"] for seen in host.events.samples] == [NO_PM2]
    assert (report.status, report.data["unhealthy"]) == ("degraded", 1)
    return report


def test_the_state_that_was_ill_to_the_end_is_bad(site):
    host = host_of(site, heard=Watcher())
    name = backed_up(host_of(site))["name"]
    assert watched(host).data["verdict"] == "bad"
    assert listed(host)[name]["verdict"] == "bad"


@pytest.mark.parametrize("changed", [True, False])
def test_a_state_that_somebody_changes_meanwhile_keeps_its_verdict(site, changed):
    name = backed_up(host_of(site))["name"]
    live = site / ".deploy/live.json"
    meanwhile = (lambda: live.write_text(json.dumps({"revision": "a" * 40}))) if changed else None
    host = host_of(site, heard=Watcher(meanwhile or (lambda: None)))
    with contextlib.nullcontext() if changed else deploy_lock(host_of(site), "deploy"):
        assert "verdict" not in watched(host).data
    assert listed(host)[name]["verdict"] == "good"
    assert host.events.notes == []


def test_a_state_that_nobody_can_name_gets_no_verdict(site):
    with (site / "dist/large").open("wb") as file:
        file.truncate(33 << 20)  # too large to be read for this, and no backup knows what it is
    host = host_of(site, heard=Watcher())
    assert "verdict" not in watched(host).data
    assert host.events.notes == []


def test_a_host_that_is_gone_before_it_can_be_told_is_told_of(site):
    name = backed_up(host_of(site))["name"]
    line = Dropping(0)
    heard = Watcher(lambda: setattr(line, "times", 99))
    host = host_of(site, heard=heard, line=line, options=Options(reconnect_seconds=0))
    assert "verdict" not in watched(host).data
    warning = "warning: the verdict of the backups stays: the connection to here was lost"
    assert host.events.notes[-1].startswith(warning)
    assert listed(host_of(site))[name]["verdict"] == "good"


def test_what_somebody_s_node_says_itself_is_no_sample(site):
    path = chatty_node(site.parent / "bin", '{"shim": "node 22"}')
    watched(host_of(site, heard=Watcher(), path=path))
