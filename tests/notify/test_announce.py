"""Notices really sent to a server on this machine, and every way in which they cannot be."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from mantodeus_ops.notify.announce import Announcer
from mantodeus_ops.remote.options import Options
from tests.support.fake_host import Heard, host_at

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ImportWarning")


@pytest.fixture
def sink():
    """Yield a server that remembers what is posted to it, while it is open."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            """Remember the body."""
            self.server.open.wait(60)
            size = int(self.headers["Content-Length"])
            self.server.heard.append(json.loads(self.rfile.read(size)))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *args):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.heard, server.status, server.open = [], 200, Event()
        server.open.set()
        server.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def notifier(folder, *urls, heard=None):
    """Return the notifier of a host whose inventory names these."""
    return Announcer(host_at(folder, heard=heard, name="shop", notify_urls=urls), "deploy")


def test_everybody_hears_in_the_order_of_events(sink, tmp_path, monkeypatch):
    private = tmp_path / "urls"
    private.write_text(f"# who\n{sink.url}\n")
    private.chmod(0o600)
    monkeypatch.setenv("OPS_NOTIFY", f"{sink.url} {sink.url}")
    heard = Heard()
    made = notifier(tmp_path, sink.url, f"file:{private}", "env:OPS_NOTIFY", heard=heard)
    made.tell("done", revision="b" * 40, none="")
    made.tell("failed")
    made.close()
    assert heard.notes == []
    assert [one["title"] for one in sink.heard] == ["shop on here: deploy: done"] * 4 + [
        "shop on here: deploy: failed"
    ] * 4
    revision, by = sink.heard[0]["message"].split("\n")
    assert (revision, by[:4], sink.heard[0]["type"]) == ("revision: bbbbbbbbbb", "by: ", "success")


def test_a_dry_run_sends_nothing(sink, tmp_path):
    host = host_at(tmp_path, notify_urls=(sink.url,), options=Options(dry_run=True))
    made = Announcer(host, "deploy")
    made.tell("started")
    made.close()
    assert sink.heard == []


@pytest.mark.parametrize("kind", ["refused", "error", "nonsense", "unset", "readable", "missing"])
def test_a_notifier_that_fails_warns_and_shows_no_address(sink, tmp_path, kind):
    sink.status = 500
    others = tmp_path / "urls"
    others.write_text(sink.url)
    others.chmod(0o644)
    url = {
        "refused": "http://127.0.0.1:1/a-hidden-place",
        "error": sink.url,
        "nonsense": "nonsense://a-hidden-place",
        "unset": "env:OPS_NOT_SET",
        "readable": f"file:{others}",
        "missing": f"file:{tmp_path}/none",
    }[kind]
    heard = Heard()
    made = notifier(tmp_path, url, heard=heard)
    made.tell("done")
    made.close()
    assert len(heard.notes) == 1
    assert heard.notes[0].startswith("warning: notify_urls: ")
    assert "a-hidden-place" not in heard.notes[0]
    assert kind == "error" or sink.heard == []


def test_a_library_that_breaks_is_a_warning(sink, tmp_path, mocker):
    mocker.patch("apprise.Apprise.notify", side_effect=ZeroDivisionError)
    heard = Heard()
    made = notifier(tmp_path, sink.url, heard=heard)
    made.tell("done")
    made.close()
    assert heard.notes == [
        "warning: notify_urls: some notifications could not be sent: ZeroDivisionError"
    ]


def test_nobody_is_waited_for(sink, tmp_path):
    notifier(tmp_path).close()
    sink.open.clear()
    made = notifier(tmp_path, sink.url)
    made.tell("done")
    assert sink.heard == []
    sink.open.set()
    made.close()
    assert len(sink.heard) == 1
