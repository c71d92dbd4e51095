"""Deploys that tell somebody: started, done, rolled back; and nobody at all when he is away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.e2e.world import World


class Sink(BaseHTTPRequestHandler):
    """Remembers what is posted."""

    heard: list[dict[str, str]]

    def do_POST(self) -> None:
        """Remember the body."""
        self.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def sink() -> Iterator[tuple[str, list[dict[str, str]]]]:
    heard: list[dict[str, str]] = []
    handler = type("Remembering", (Sink,), {"heard": heard})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", heard
        server.shutdown()


def test_a_deploy_tells_how_it_goes_and_one_that_cannot_be_told_of_goes_as_well(
    by_ssh: World, sink: tuple[str, list[dict[str, str]]]
):
    url, heard = sink
    with by_ssh.settings(notify_urls=[url]):
        ill = by_ssh.release(health="unhealthy-live")
        by_ssh.run("deploy", code=5)
    assert [one["title"] for one in heard] == [
        "manager on manager: deploy: started",
        "manager on manager: deploy: rolled back",
    ]
    assert f"revision: {ill[:10]}" in heard[0]["message"]
    assert "told to be unhealthy" in heard[1]["message"]
    with by_ssh.settings(notify_urls=["http://127.0.0.1:1/", "env:OPS_NO_SUCH_VARIABLE"]):
        revision = by_ssh.release()
        answer = by_ssh.run("deploy")
    assert "warning: notify_urls" in answer.err
    assert by_ssh.serves(revision)
