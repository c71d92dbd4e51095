"""How an app is, its health with patience, and as its users see it."""

import os

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import HostError
from mantodeus_ops.monitor.status import check_public_url, health, status, wait_for_health
from tests.support.backup_transfers import AT_ONCE
from tests.support.fake_host import host_at
from tests.support.http_servers import certificate_of, serving, without_proxies
from tests.support.program_stubs import chatty_node

DOWN = "the PM2 daemon is not running"


def without_pm2(folder, monkeypatch, **settings):
    """Return a host on which no PM2 runs."""
    monkeypatch.setenv("PM2_HOME", str(folder / "pm2"))
    return host_at(folder, health=AT_ONCE, **settings)


def test_a_certificate_that_ends_soon_is_told_whatever_the_app_is(tmp_path, monkeypatch):
    without_proxies(monkeypatch)
    for days, told in ((5, "in 4 days"), (40, "")):
        certificate = certificate_of(tmp_path, days)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with serving(certificate) as url:
            host = without_pm2(tmp_path, monkeypatch, public_url=url)
            report = health(host)
            warned = [f"warning: the certificate of {url} ends {told}"] if told else []
            assert host.events.notes == warned
        assert (report.exit_code, report.data["health"], DOWN in report.error) == (
            7,
            "unhealthy",
            True,
        )
        assert report.data["public"]["ok"] is True


def test_an_app_without_a_public_address_is_not_looked_at_from_outside(tmp_path, monkeypatch):
    host = without_pm2(tmp_path, monkeypatch)
    assert check_public_url(host) is None
    assert "public" not in health(host).data


def test_what_else_is_said_on_the_way_is_no_attempt(tmp_path, monkeypatch):
    path = chatty_node(tmp_path / "bin", '{"notice": "a banner"}')
    host = without_pm2(tmp_path, monkeypatch, path=path)
    assert wait_for_health(host)["reason"] == DOWN
    assert host.events.notes == []


@pytest.fixture
def shut(tmp_path):
    """Return the file of variables of an app, which its account cannot read."""
    file = tmp_path / ".env"
    file.write_text("API_KEY=canary-c0ffee\n")
    file.chmod(0)
    return file


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_status_goes_on_where_env_cannot_be_read(tmp_path, monkeypatch, shut):
    report = status(without_pm2(tmp_path, monkeypatch))
    assert DOWN in report.error
    assert f"no permission for {shut}: its mode keeps this account out" in report.error
    assert report.data["disk_free_bytes"] > 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_what_goes_on_to_change_something_stops_where_env_cannot_be_read(tmp_path, shut):
    with pytest.raises(HostError, match=f"no permission for {shut}"):
        gather_facts(host_at(tmp_path), "health")
