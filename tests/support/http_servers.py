"""Real servers on this machine for those who look from outside, with a certificate where wanted."""

import shutil
import ssl
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest


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


@contextmanager
def serving(certificate=None, page=Page):
    """Serve for the time of the block, with TLS when given a certificate; yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), page)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"{'https' if certificate else 'http'}://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def without_proxies(monkeypatch):
    """Let nothing lead around what is on this machine."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def certificate_of(folder, days):
    """Return a file with a key and a certificate for localhost that nobody has signed."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl on this machine")
    key, cert = folder / "key", folder / "cert"
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days)]
    argv += ["-keyout", key, "-out", cert, "-subj", "/CN=localhost"]
    subprocess.run(
        [*argv, "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True
    )
    both = folder / "both"
    both.write_text(key.read_text() + cert.read_text())
    return both
