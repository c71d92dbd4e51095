"""A look at an address from the machine of the command, as a user's browser would."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

_SECONDS = 10.0
_MOST_BODY = 2000
_PORTS = {"http": 80, "https": 443}
_DAY = 86_400


def look_outside(url: str) -> dict[str, Any]:
    """Return status, location, seconds and days that the certificate still lasts, or an error.

    No redirect is followed: where it leads is part of the answer.
    """
    began = time.monotonic()
    try:
        return _asked(url) | {"seconds": round(time.monotonic() - began, 3)}
    except ssl.SSLCertVerificationError as error:
        return {"error": f"the certificate of {url} is not valid: {error.verify_message}"}
    except TimeoutError:
        return {"error": f"{url} gave no answer in {_SECONDS:.0f} s"}
    except (OSError, http.client.HTTPException, ValueError) as error:
        return {"error": f"{url} cannot be reached: {error}"}


def post_outside(url: str, headers: Mapping[str, str], body: str) -> dict[str, Any]:
    """Return status, body and location of what a POST is answered, or an error and its kind.

    The kind is dns, tls, refused, timeout or network. No redirect is followed.
    """
    try:
        with _requested("POST", url, headers, body.encode()) as connection:
            answer = connection.getresponse()
            text = answer.read(_MOST_BODY).decode(errors="replace")
            location = answer.getheader("Location") or ""
            return {"status": answer.status, "body": text, "location": location}
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
        return {"error": why or type(error).__name__, "kind": _kind(error)}


def _kind(error: Exception) -> str:
    kinds: dict[type[Exception], str] = {
        socket.gaierror: "dns",
        ssl.SSLError: "tls",
        ConnectionRefusedError: "refused",
        TimeoutError: "timeout",
    }
    return next((name for kind, name in kinds.items() if isinstance(error, kind)), "network")


def _asked(url: str) -> dict[str, Any]:
    with _requested("GET", url, {"User-Agent": "mantodeus-ops"}) as connection:
        days = _days(connection.sock)
        answer = connection.getresponse()
        return {
            "status": answer.status,
            "location": answer.getheader("Location") or "",
            "tls_days": days,
        }


@contextmanager
def _requested(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
) -> Iterator[http.client.HTTPConnection]:
    """Yield a connection over which this was asked, and not answered yet."""
    connection, target = _connection(urlsplit(url), url)
    with closing(connection):
        connection.request(method, target, body=body, headers=dict(headers))
        yield connection


def _connection(parts: SplitResult, url: str) -> tuple[http.client.HTTPConnection, str]:
    """Return what to ask through, a proxy where one is set, and what to ask for."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    proxy = "" if proxy_bypass(host) else getproxies().get(parts.scheme, "")
    via = urlsplit(proxy) if proxy else None
    reached = (via.hostname or "", via.port or 80) if via else (host, port)
    if parts.scheme == "http":
        return http.client.HTTPConnection(*reached, timeout=_SECONDS), url if via else target
    secure = http.client.HTTPSConnection(*reached, timeout=_SECONDS)
    if via:
        secure.set_tunnel(host, port)
    return secure, target


def _days(sock: object) -> int | None:
    if not isinstance(sock, ssl.SSLSocket):
        return None
    certificate = sock.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(str(certificate.get("notAfter")))
    return int((ends - time.time()) // _DAY)
