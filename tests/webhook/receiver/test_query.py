"""What is asked of the deliveries from outside of the receiver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mantodeus_ops.remote.answers.refusals import host_error
from mantodeus_ops.webhook.receiver.delivery_store import Arrival, DeliveryStore

CHECKOUT = Path(__file__).resolve().parents[3]
AFTER = "a" * 40


def ask(folder: Path, *words: str) -> dict[str, object]:
    """Return what the module answers, run as a host runs it."""
    env = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONSAFEPATH": "1"}
    argv = [sys.executable, "-m", "mantodeus_ops.webhook.receiver.query", *words]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=True)
    [line] = done.stdout.splitlines()
    return dict(json.loads(line))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return an app's folder whose receiver has got two deliveries."""
    (tmp_path / ".deploy").mkdir()
    # What an app may have in its folder must not be taken for a module.
    (tmp_path / "json.py").write_text("raise SystemExit(9)\n")
    with closing(DeliveryStore(tmp_path / ".deploy/webhook.db")) as spool:
        ping = Arrival("ping-0001", "0" * 64, "ping", 1.0, "ignored", "pong")
        push = Arrival("push-0001", "1" * 64, "push", 2.0, "waiting", after=AFTER, pusher="ann")
        spool.record([ping, push])
        spool.mark({"push-0001": {"state": "failed", "outcome": "it did not build"}})
    return tmp_path


def test_deliveries_come_newest_first(app: Path):
    found = ask(app, "deliveries", "5")["deliveries"]
    assert [one["id"] for one in found] == ["push-0001", "ping-0001"]
    assert len(ask(app, "deliveries", "1")["deliveries"]) == 1


def test_a_failed_delivery_waits_again_by_the_beginning_of_its_id(app: Path):
    assert [one["id"] for one in ask(app, "facts")["facts"]["failed"]] == ["push-0001"]
    assert ask(app, "redeliver", "push-0")["delivery"]["state"] == "waiting"
    assert ask(app, "facts")["facts"]["failed"] == []


@pytest.mark.parametrize(
    ("id_", "code"),
    [("ping-0001", "delivery-without-deploy"), ("nobody-1", "delivery-not-known")],
)
def test_what_cannot_be_done_is_told_by_its_code(app: Path, id_: str, code: str):
    error = host_error(ask(app, "redeliver", id_), {})
    assert (error.code, error.hint) == (code, "webhook.deliveries")


def test_who_asks_before_there_is_anything_makes_no_file(tmp_path: Path):
    (tmp_path / ".deploy").mkdir()
    assert ask(tmp_path, "facts") == {"missing": True}
    assert list((tmp_path / ".deploy").iterdir()) == []


def test_books_that_are_none_are_told_of(app: Path):
    (app / ".deploy/webhook.db").write_bytes(b"no database at all, but long enough to be read" * 90)
    assert host_error(ask(app, "facts"), {"project": "/srv"}).code == "books-unreadable"
