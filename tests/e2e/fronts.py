"""Web servers in front of a receiver, with TLS, set up as docs/webhook.md says."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.commands import SandboxError, run
from sandbox.machine import fetch
from sandbox.openssh import free_port
from tests.support.doc_pages import blocks

PACKAGES = {
    "nginx": ("nginx",),
    "caddy": ("caddy",),
    "apache": ("apache2-bin", "libapr1", "libaprutil1"),
    "htaccess": ("apache2-bin", "libapr1", "libaprutil1"),
}
NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  {temporary}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {cert};
    ssl_certificate_key {cert};
{block}
  }}
}}
"""
CADDY = """\
{{
  admin off
  auto_https off
}}
https://localhost:{port} {{
  tls {cert} {cert}
{block}
}}
"""
APACHE = """\
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
{modules}
SSLEngine on
SSLCertificateFile {cert}
DocumentRoot {folder}/pages
<Directory {folder}/pages>
  AllowOverride All
  Require all granted
</Directory>
{block}
"""
MODULES = ("mpm_event", "authz_core", "proxy", "proxy_http", "ssl", "rewrite")


@dataclass(frozen=True, slots=True)
class Front:
    """A web server with TLS that passes one path on to a receiver."""

    url: str
    cert: Path


def shown_in_docs(receiver_port: int) -> Mapping[str, str]:
    """Return what docs/webhook.md shows for each kind of server, for a receiver on this port."""
    shown = {
        block.language: "\n".join(block.lines).replace(":9000", f":{receiver_port}")
        for block in blocks("docs/webhook.md")
    }
    directive, rule = shown["apache"].splitlines()
    return {
        "nginx": shown["nginx"],
        "caddy": shown["caddy"],
        "apache": directive,
        "htaccess": f"RewriteEngine on\n{rule}\n",
    }


def programs(folder: Path, kind: str) -> Path:
    """Return where the server of this kind was unpacked; skip where it cannot be had."""
    downloads = folder / "packages"
    downloads.mkdir(parents=True)
    try:
        run(["apt-get", "download", *PACKAGES[kind]], cwd=downloads)
        for package in downloads.glob("*.deb"):
            run(["dpkg", "-x", package, folder / "root"])
    except (FileNotFoundError, SandboxError) as error:
        pytest.skip(f"no {kind} to be had: {error}")
    return folder / "root" / "usr"


def certificate(folder: Path) -> Path:
    """Return a file with a key and a certificate for localhost."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    new = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    run(["openssl", "req", *new, *names, "-keyout", key, "-out", cert])
    cert.write_text(key.read_text() + cert.read_text())
    cert.chmod(0o600)
    return cert


def command(kind: str, usr: Path, folder: Path, **known: object) -> list[str | Path]:
    """Write the server's configuration; return what starts it."""
    config = folder / "config"
    if kind == "nginx":
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n".join(f"  {name}_temp_path {folder}/{name};" for name in kinds)
        config.write_text(NGINX.format(folder=folder, temporary=temporary, **known))
        return [usr / "sbin/nginx", "-c", config, "-p", folder]
    if kind == "caddy":
        config.write_text(CADDY.format(**known))
        return [usr / "bin/caddy", "run", "--adapter", "caddyfile", "--config", config]
    (folder / "pages").mkdir()
    if kind == "htaccess":
        (folder / "pages/.htaccess").write_text(str(known.pop("block")))
    place = usr / "lib/apache2/modules"
    modules = "\n".join(f"LoadModule {name}_module {place}/mod_{name}.so" for name in MODULES)
    known.setdefault("block", "")
    config.write_text(APACHE.format(folder=folder, modules=modules, **known))
    return [usr / "sbin/apache2", "-X", "-f", config]


@contextmanager
def front(kind: str, folder: Path, receiver_port: int) -> Iterator[Front]:
    """Yield a server of this kind in front of the receiver on this port."""
    usr, cert, port = programs(folder, kind), certificate(folder), free_port()
    block = shown_in_docs(receiver_port)[kind]
    argv = command(kind, usr, folder, port=port, cert=cert, block=block)
    env = {"HOME": str(folder), "LD_LIBRARY_PATH": str(usr / "lib/x86_64-linux-gnu")}
    with (
        (folder / "said").open("wb") as said,
        subprocess.Popen(argv, env=env, stdout=said, stderr=said) as server,
    ):
        try:
            _wait(server, port, folder)
            yield Front(f"https://localhost:{port}/webhook", cert)
        finally:
            server.terminate()


def _wait(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    late = time.monotonic() + 20
    # It answers without TLS, too, if only to say that it wants it.
    while "refused" in fetch(f"http://127.0.0.1:{port}/")[1]:
        assert server.poll() is None, (folder / "said").read_text()
        assert time.monotonic() < late, (folder / "said").read_text()
        time.sleep(0.05)
