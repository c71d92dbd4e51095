"""Looks at real servers on this machine, as a user's browser would."""

from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler

import pytest

from mantodeus_ops.monitor.http_probe import get_public, post_public
from tests.support.http_servers import Page, certificate_of, serving, without_proxies

DAYS = 40


@pytest.fixture
def serve(monkeypatch):
    """Return what starts a server, with TLS when given a certificate; it returns the address."""
    without_proxies(monkeypatch)
    with ExitStack() as servers:
        yield lambda certificate=None, page=Page: servers.enter_context(serving(certificate, page))


@pytest.fixture
def certificate(tmp_path):
    """Return a file with a key and a certificate for localhost that nobody has signed."""
    return certificate_of(tmp_path, DAYS)


def test_a_page_has_its_status_and_how_long_it_took(serve):
    seen = get_public(f"{serve()}/")
    assert (seen["status"], seen["location"], seen["tls_days"]) == (200, "", None)
    assert 0 <= seen["seconds"] < 60


def test_a_redirect_is_told_and_not_followed(serve):
    seen = get_public(f"{serve()}/private?a=b")
    assert seen["status"] == 200
    seen = get_public(f"{serve()}/private")
    assert (seen["status"], seen["location"]) == (302, "/login")


def test_nobody_there_is_said_in_words():
    assert "cannot be reached" in get_public("http://127.0.0.1:1/")["error"]


def test_a_certificate_that_nobody_signed_is_not_valid(serve, certificate):
    assert "certificate" in get_public(f"{serve(certificate)}/")["error"]


def test_a_certificate_says_how_long_it_lasts(serve, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    seen = get_public(f"{serve(certificate)}/")
    assert seen["status"] == 200
    assert DAYS - 1 <= seen["tls_days"] <= DAYS


def test_a_post_brings_its_headers_and_body_and_follows_nobody(serve):
    url = serve()
    headers = {"X-Hub-Signature-256": "sha256=x", "Content-Length": "5"}
    assert post_public(f"{url}/", headers, "h\u00e9y!") == {
        "status": 200,
        "body": "h\u00e9y!",
        "location": "",
    }
    assert post_public(f"{url}/", {"Content-Length": "5"}, "h\u00e9y!")["status"] == 401
    assert post_public(f"{url}/private", headers, "h\u00e9y!") == {
        "status": 308,
        "body": "h\u00e9y!",
        "location": "/login",
    }


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://no-such-name.invalid/", "dns"),
        ("http://127.0.0.1:1/", "refused"),
        ("http://127.0.0.1:99999/", "network"),
    ],
)
def test_why_nobody_was_reached_is_told_by_kind(url, kind, monkeypatch):
    without_proxies(monkeypatch)
    answer = post_public(url, {"Content-Length": "0"}, "")
    assert (answer["kind"], bool(answer["error"])) == (kind, True)


def test_a_certificate_that_nobody_signed_is_a_matter_of_tls(serve, certificate):
    answer = post_public(serve(certificate), {"Content-Length": "0"}, "")
    assert answer["kind"] == "tls"
    assert "self" in answer["error"]


class Proxy(BaseHTTPRequestHandler):
    """Says what it was asked for, and of whom."""

    def do_GET(self):
        """Answer with the address that was asked for."""
        self.send_response(302)
        self.send_header("Location", self.path)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


def test_a_proxy_of_the_environment_is_asked_but_for_what_is_excepted(monkeypatch):
    with serving(page=Proxy) as proxy, serving() as direct:
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
        monkeypatch.setenv("no_proxy", "localhost")
        url = "http://no-such-name.invalid/a?b=c"
        assert get_public(url)["location"] == url
        assert get_public(f"{direct}/private")["location"] == "/login"


def test_a_login_of_netrc_is_not_sent(serve, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine localhost login me password canary-c0ffee\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert get_public(f"{serve(page=Login)}/")["status"] == 401


class Login(Proxy):
    """Wants a login."""

    def do_GET(self):
        """Accept any request with a login."""
        self.send_response(200 if "Authorization" in self.headers else 401)
        self.end_headers()


class Flood(Proxy):
    """Sends a redirect with a body that does not end."""

    def do_POST(self):
        """Send until the other side hangs up."""
        self.send_response(301)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"x" * 65_536)


def test_of_a_body_that_does_not_end_only_the_beginning_is_read(serve):
    answer = post_public(f"{serve(page=Flood)}/", {}, "")
    assert answer == {"status": 301, "location": "", "body": "x" * 2000}
