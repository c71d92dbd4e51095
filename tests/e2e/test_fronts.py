"""What docs/webhook.md says of TLS in front is tried with the servers themselves."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from mantodeus_ops.webhook.github_events import signature_of
from tests.e2e.fronts import PACKAGES, Front, front
from tests.e2e.hooked import SECRET, Hooked

pytestmark = pytest.mark.soak
LARGE = 3_000_000  # bytes; more than what servers take by themselves


@pytest.mark.parametrize("kind", PACKAGES)
@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_a_ping_and_a_large_push_come_through(
    github: Hooked, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    world = github.world
    world.run("webhook.install")
    with front(kind, tmp_path, github.port) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.cert))
        with world.settings(webhook={"port": github.port, "url": server.url}):
            assert world.run("webhook.ping").row["place"] == server.url
            assert large(server) == 200
            github.stop()
            ended = world.run("webhook.ping", code=7)
            assert ended.row["ended_at"] == "proxy"
            assert "nothing listens at port" in ended.error


def large(server: Front) -> int:
    """Return how a delivery of three megabytes is answered."""
    body = json.dumps({"zen": "x" * LARGE}).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "ping",
        "X-GitHub-Delivery": "large-0001",
        "X-Hub-Signature-256": signature_of(SECRET.encode(), body).decode(),
    }
    request = urllib.request.Request(server.url, body, headers)  # noqa: S310 - our own address
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return int(answer.status)
