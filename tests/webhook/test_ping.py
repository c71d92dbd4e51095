"""How far a signed ping comes: to this host's receiver, to another's, or to what is in front."""

from http.server import BaseHTTPRequestHandler

import pytest

from mantodeus_ops.webhook.ping import ping
from tests.support.http_servers import serving, without_proxies
from tests.support.receiver_site import Site
from tests.support.webhook_hosts import deployed, hook_of, write_down


class Front(BaseHTTPRequestHandler):
    """A proxy that does not reach what is behind it."""

    def do_POST(self):
        """Say so."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(502)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Yield a project with a receiver that runs when it is started."""
    without_proxies(monkeypatch)
    monkeypatch.setenv("PM2_HOME", str(tmp_path / "pm2"))
    made = Site(tmp_path)
    write_down(made.project)
    yield made
    made.end()


def test_a_ping_that_another_host_s_receiver_answers_has_gone_astray(site):
    site.start()
    assert ping(hook_of(site.project, site.port)).data["ended_at"] == ""
    write_down(deployed(site.folder / "other"))  # with the same secret, and the port of the first
    report = ping(hook_of(site.folder / "other", site.port))
    assert (report.exit_code, report.data["ended_at"], report.data["answer"]) == (7, "proxy", 200)
    place = f"port {site.port} on here"
    assert report.error == f"{place} leads to a receiver that is not the one of here"
    assert report.hint == "set webhook.url and webhook.port in the inventory"


def test_where_the_front_fails_the_receiver_itself_is_asked_too(site):
    with serving(page=Front) as address:
        url = f"{address}/webhook"
        host = hook_of(site.project, site.port, url=url)
        report = ping(host)
        before = f"the proxy at {url} does not reach the receiver (502); "
        assert report.error.startswith(f"{before}nothing listens at port {site.port} on here: ")
        site.start()
        report = ping(host)
    well = "asked on the host itself, the receiver answers as it should"
    assert (report.exit_code, report.error) == (7, f"{before}{well}")
