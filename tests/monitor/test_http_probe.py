"""Looks at real servers on this machine, as a user's browser would."""

from contextlib import ExitStack

import pytest

from mantodeus_ops.monitor.http_probe import look_outside, post_outside
from tests.support.http_servers import certificate_of, serving, without_proxies

DAYS = 40


@pytest.fixture
def serve(monkeypatch):
    """Return what starts a server, with TLS when given a certificate; it returns the address."""
    without_proxies(monkeypatch)
    with ExitStack() as servers:
        yield lambda certificate=None: servers.enter_context(serving(certificate))


@pytest.fixture
def certificate(tmp_path):
    """Return a file with a key and a certificate for localhost that nobody has signed."""
    return certificate_of(tmp_path, DAYS)


def test_a_page_has_its_status_and_how_long_it_took(serve):
    seen = look_outside(f"{serve()}/")
    assert (seen["status"], seen["location"], seen["tls_days"]) == (200, "", None)
    assert 0 <= seen["seconds"] < 60


def test_a_redirect_is_told_and_not_followed(serve):
    seen = look_outside(f"{serve()}/private?a=b")
    assert seen["status"] == 200
    seen = look_outside(f"{serve()}/private")
    assert (seen["status"], seen["location"]) == (302, "/login")


def test_nobody_there_is_said_in_words():
    assert "cannot be reached" in look_outside("http://127.0.0.1:1/")["error"]


def test_a_certificate_that_nobody_signed_is_not_valid(serve, certificate):
    assert "certificate" in look_outside(f"{serve(certificate)}/")["error"]


def test_a_certificate_says_how_long_it_lasts(serve, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    seen = look_outside(f"{serve(certificate)}/")
    assert seen["status"] == 200
    assert DAYS - 1 <= seen["tls_days"] <= DAYS


def test_a_post_brings_its_headers_and_body_and_follows_nobody(serve):
    url = serve()
    headers = {"X-Hub-Signature-256": "sha256=x", "Content-Length": "5"}
    assert post_outside(f"{url}/", headers, "h\u00e9y!") == {
        "status": 200,
        "body": "h\u00e9y!",
        "location": "",
    }
    assert post_outside(f"{url}/", {"Content-Length": "5"}, "h\u00e9y!")["status"] == 401
    assert post_outside(f"{url}/private", headers, "h\u00e9y!") == {
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
    answer = post_outside(url, {"Content-Length": "0"}, "")
    assert (answer["kind"], bool(answer["error"])) == (kind, True)


def test_a_certificate_that_nobody_signed_is_a_matter_of_tls(serve, certificate):
    answer = post_outside(serve(certificate), {"Content-Length": "0"}, "")
    assert answer["kind"] == "tls"
    assert "self" in answer["error"]
