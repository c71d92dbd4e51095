"""Sends a signed ping over the path of GitHub's deliveries, and reports where it ends."""

from __future__ import annotations

import time
import uuid
from dataclasses import asdict

from mantodeus_ops.env.inspect import read
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.findings import RED
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.http_probe import post_public
from mantodeus_ops.remote.answers.programs import ASK_DELIVERIES, PING
from mantodeus_ops.remote.answers.webhook import PingAnswer
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult
from mantodeus_ops.webhook.install import ask_books, receiver_facts
from mantodeus_ops.webhook.ping_diagnosis import Delivery, PingFailure, diagnose, ping_delivery
from mantodeus_ops.webhook.receiver_spec import receiver_app
from mantodeus_ops.webhook.secret_rules import secret_fault, secrets_in

_RECENT = 50


def ping(host: Host) -> TaskResult:
    """Return how far a ping came: to webhook.url from here, or to the receiver's port on the host.

    The exit code is 7 when it ended on the way. Raise PreflightError without a secret to sign with.
    """
    delivery = _sign(host)
    url = host.app.webhook.url
    began = time.monotonic()
    answer = (
        post_public(url, delivery.headers, delivery.body) if url else _ping_on_host(host, delivery)
    )
    seconds = round(time.monotonic() - began, 3)
    address = url or f"port {host.app.webhook.port} on {host.name}"
    ended = diagnose(answer, address) or _wrong_receiver(host, delivery, address)
    data: JsonObject = {
        "url": url,
        "place": address,
        "delivery": delivery.id,
        "answer": answer.get("status"),
        "answer_seconds": seconds,
        "ended_at": ended.where if ended else "",
    }
    if ended is None:
        return TaskResult("success", data)
    return TaskResult(
        "failed", data, RED, _locate_failure(host, ended, asked_outside=bool(url)), ended.hint
    )


def _sign(host: Host) -> Delivery:
    file = read(host)[0]
    if fault := secret_fault(file.text):
        raise PreflightError(f"{file.file}: {fault}", "webhook.secret")
    return ping_delivery(host.app, secrets_in(file.text).current, str(uuid.uuid4()))


def _ping_on_host(host: Host, delivery: Delivery) -> PingAnswer:
    return host.query(
        PING,
        app=receiver_app(host.app),
        webhook=asdict(host.app.webhook),
        headers=dict(delivery.headers),
        body=delivery.body,
    )


def _wrong_receiver(host: Host, delivery: Delivery, address: str) -> PingFailure | None:
    """Return the trouble that another receiver answered: this host's has not heard of the ping."""
    books = ask_books(host, receiver_facts(host), ASK_DELIVERIES, str(_RECENT)).get(
        "deliveries", []
    )
    if any(delivery_seen["id"] == delivery.id for delivery_seen in books):
        return None
    text = f"{address} leads to a receiver that is not the one of {host.name}"
    return PingFailure("proxy", text, "set webhook.url and webhook.port in the inventory")


def _locate_failure(host: Host, ended: PingFailure, *, asked_outside: bool) -> str:
    """Return what is wrong, and whether it is before the receiver or the receiver itself."""
    if not asked_outside:
        return ended.text
    again = _sign(host)
    inner = diagnose(_ping_on_host(host, again), f"port {host.app.webhook.port} on {host.name}")
    explanation = (
        inner.text if inner else "asked on the host itself, the receiver answers as it should"
    )
    return f"{ended.text}; {explanation}"
