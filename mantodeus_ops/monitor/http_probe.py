"""Requests a public URL from the local machine, as a browser does."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from mantodeus_ops.monitor.public_check import OutsideAnswer
from mantodeus_ops.remote.answers.webhook import PingAnswer

_SECONDS = 10.0
_MOST_BODY = 2000
_DAY = 86_400
_FAILURES = (requests.RequestException, HTTPError)  # the second while a body is read


def get_public(url: str) -> OutsideAnswer:
    """Return status, location, seconds and days that the certificate still lasts, or an error.

    No redirect is followed: where it leads is part of the answer.
    """
    began = time.monotonic()
    try:
        with _answer("GET", url, {"User-Agent": "mantodeus-ops"}) as answer:
            days = _days(getattr(answer.raw.connection, "certificate", {}))
            return {
                "status": answer.status_code,
                "location": _location(answer),
                "tls_days": days,
                "seconds": round(time.monotonic() - began, 3),
            }
    except _FAILURES as raised:
        error = _cause(raised)
    if isinstance(error, ssl.SSLCertVerificationError):
        return {"error": f"the certificate of {url} is not valid: {error.verify_message}"}
    if isinstance(error, TimeoutError):
        return {"error": f"{url} gave no answer in {_SECONDS:.0f} s"}
    return {"error": f"{url} cannot be reached: {error}"}


def post_public(url: str, headers: Mapping[str, str], body: str) -> PingAnswer:
    """Return status, body and location of what a POST is answered, or an error and its kind.

    The kind is dns, tls, refused, timeout or network. No redirect is followed.
    """
    try:
        with _answer("POST", url, headers, body.encode()) as answer:
            text = answer.raw.read(_MOST_BODY).decode(errors="replace")
            location = _location(answer)
            return {"status": answer.status_code, "location": location, "body": text}
    except _FAILURES as raised:
        error = _cause(raised)
    why = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return {"error": why or type(error).__name__, "kind": _kind(error)}


def _location(answer: requests.Response) -> str:
    return answer.headers.get("Location", "")


def _cause(error: BaseException) -> BaseException:
    """Return the error of the socket below those of the libraries."""
    while error.__context__:
        error = error.__context__
    return error


def _kind(error: BaseException) -> str:
    kinds: dict[type[Exception], str] = {
        socket.gaierror: "dns",
        ssl.SSLError: "tls",
        ConnectionRefusedError: "refused",
        TimeoutError: "timeout",
    }
    return next((name for kind, name in kinds.items() if isinstance(error, kind)), "network")


@contextmanager
def _answer(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
) -> Iterator[requests.Response]:
    """Yield the answer, whose body is not read yet."""
    request = requests.Request(method, url, headers=dict(headers), data=body).prepare()
    # A session would add a login from .netrc, and read all of the body of a redirect.
    with closing(_Adapter()) as adapter:
        answer = adapter.send(
            request, stream=True, timeout=_SECONDS, verify=_trusted(), proxies=_proxies(url)
        )
        with answer:
            yield answer


def _proxies(url: str) -> dict[str, str]:
    proxies = {} if proxy_bypass(urlsplit(url).hostname or "") else getproxies()
    return {scheme: proxy for scheme, proxy in proxies.items() if scheme in ("http", "https")}


def _trusted() -> str | bool:
    """Return where this machine keeps the authorities that it trusts."""
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


class _Connection(HTTPSConnection):
    certificate: Mapping[str, object] = {}

    def connect(self) -> None:
        super().connect()
        self.certificate = getattr(self.sock, "getpeercert", dict)() or {}


class _Adapter(HTTPAdapter):
    """Connects so that the certificate is known when the server has hung up already."""

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, HTTPSConnectionPool):
            pool.ConnectionCls = _Connection
        return pool


def _days(certificate: Mapping[str, object]) -> int | None:
    if not certificate:
        return None
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return int((ends - time.time()) // _DAY)
