"""Builds a signed ping like GitHub's, and diagnoses its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from mantodeus_ops.inventory.settings import App
from mantodeus_ops.remote.answers.webhook import PingAnswer
from mantodeus_ops.webhook.github_events import PONG, REFUSALS, full_name, signature_of

_PROXY = frozenset({502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LOOK, _LOG = "webhook.status", "logs --webhook"
_WELL, _UNSIGNED, _MISSING, _WAY, _LARGE = 200, 401, 404, 405, 413


@dataclass(frozen=True, slots=True)
class Delivery:
    """A signed delivery: its id, its headers, and its body."""

    id: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class PingFailure:
    """The point where a ping failed: a code, a message and a fix."""

    where: str
    text: str
    hint: str


def ping_delivery(app: App, secret: str, delivery_id: str) -> Delivery:
    """Return a ping for this app, signed; its body is like no other's, as a replay is ignored."""
    body = json.dumps(
        {
            "zen": "Pings from home are answered like any other.",
            "hook_id": 0,
            "delivery": delivery_id,
            "repository": {"id": app.webhook.repository_id, "full_name": full_name(app.repository)},
        }
    )
    signed = signature_of(secret.encode("utf-8", "surrogateescape"), body.encode()).decode()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body.encode())),
        "User-Agent": "GitHub-Hookshot/mantodeus-ops",
        "X-GitHub-Delivery": delivery_id,
        "X-GitHub-Event": "ping",
        "X-Hub-Signature-256": signed,
    }
    return Delivery(delivery_id, headers, body)


def diagnose(answer: PingAnswer, address: str) -> PingFailure | None:
    """Return where on its way to `place` a ping ended; None when the receiver answered it."""
    if "error" in answer:
        return _unreached(answer, address)
    status, body = answer["status"], answer["body"].encode()
    if status == _WELL and body == PONG.body:
        return None
    own = REFUSALS.get(status)
    return (
        _by_receiver(status, address) if own and own.body == body else _by_others(answer, address)
    )


def _by_receiver(status: int, address: str) -> PingFailure:
    """Return the trouble that the receiver itself has with a ping; it answers in its own words."""
    if status == _UNSIGNED:
        text = f"the receiver at {address} knows another secret than .env here (401)"
        return PingFailure("secret", f"{text}, or something on the way changes the body", _LOOK)
    if status == _MISSING:
        text = f"the receiver at {address} answers 404: what is in front changes the path"
        return PingFailure("path", text, "set webhook.path and webhook.url in the inventory alike")
    why = REFUSALS[status].reason
    return PingFailure("receiver", f"the receiver refuses the ping ({status}): {why}", _LOG)


def _by_others(answer: PingAnswer, address: str) -> PingFailure:
    """Return the trouble that lies between here and the receiver."""
    status = answer["status"]
    if status in _REDIRECTS:
        to = answer.get("location") or "nowhere"
        text = f"{address} leads on to {to} ({status}), and GitHub follows no redirect"
        return PingFailure("redirect", text, "set webhook.url in the inventory to where it leads")
    reasons = {
        _WELL: "something else than the receiver answers at {}",
        _UNSIGNED: "what is in front at {} wants a login (401), which GitHub has not",
        _MISSING: "what is in front at {} does not pass this path on (404)",
        _WAY: "what is in front at {} takes no POST (405)",
        _LARGE: "what is in front at {} finds even a ping too large (413)",
        **dict.fromkeys(_PROXY, f"the proxy at {{}} does not reach the receiver ({status})"),
    }
    text = reasons.get(status, f"what is in front at {{}} answers {status}").format(address)
    return PingFailure("proxy", text, _LOOK)


def _unreached(answer: PingAnswer, address: str) -> PingFailure:
    kind, why = answer.get("kind", "network"), answer["error"]
    hints = {
        "dns": "set webhook.url in the inventory to a name that has an address",
        "tls": "renew the certificate: GitHub's deliveries end here too",
        "refused": "webhook.status",
    }
    reasons = {
        "dns": f"the name in {address} has no address",
        "tls": f"TLS fails at {address}",
        "refused": f"nothing listens at {address}",
        "timeout": f"{address} gives no answer",
    }
    text = f"{reasons.get(kind, f'{address} cannot be reached')}: {why}"
    return PingFailure(kind, text, hints.get(kind, "webhook.status"))
