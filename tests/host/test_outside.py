"""Looks at real servers on this machine, as a user's browser would."""

import shutil
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from fabfile.host.outside import look_outside, post_outside

DAYS = 40


class Page(BaseHTTPRequestHandler):
    """Answers 200, or sends on to a login."""

    def do_GET(self):
        """Answer."""
        away = self.path == "/private"
        self.send_response(302 if away else 200)
        if away:
            self.send_header("Location", "/login")
        self.end_headers()

    def do_POST(self):
        """Say what came, and whether it was signed."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = self.headers.get("X-Hub-Signature-256") == "sha256=x"
        self.send_response(308 if self.path == "/private" else 200 if signed else 401)
        if self.path == "/private":
            self.send_header("Location", "/login")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def serve(monkeypatch):
    """Return what starts a server, with TLS when given a certificate; it returns the address."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    servers = []

    def started(certificate=None):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"{'https' if certificate else 'http'}://localhost:{server.server_address[1]}"

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def certificate(tmp_path):
    """Return a file with a key and a certificate for localhost that nobody has signed."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl on this machine")
    key, cert = tmp_path / "key", tmp_path / "cert"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(DAYS)]
    argv += ["-keyout", key, "-out", cert, "-subj", "/CN=localhost"]
    subprocess.run(
        [*argv, "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True
    )
    both = tmp_path / "both"
    both.write_text(key.read_text() + cert.read_text())
    return both


def test_a_page_has_its_status_and_how_long_it_took(serve):
    seen = look_outside(f"{serve()}/")
    assert (seen["status"], seen["location"], seen["tls_days"]) == (200, "", None)
    assert 0 <= seen["seconds"] < 5


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
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    answer = post_outside(url, {"Content-Length": "0"}, "")
    assert (answer["kind"], bool(answer["error"])) == (kind, True)


def test_a_certificate_that_nobody_signed_is_a_matter_of_tls(serve, certificate):
    answer = post_outside(serve(certificate), {"Content-Length": "0"}, "")
    assert answer["kind"] == "tls"
    assert "self" in answer["error"]
