"""What a receiver cannot be installed for is said before anything is changed."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from tests.e2e.hooked import Hooked

pytestmark = pytest.mark.parametrize("door", ["inv"], indirect=True)


def test_a_host_that_cannot_have_one_is_told_why(github: Hooked):
    world = github.world
    env = world.project / ".env"
    good = env.read_text()
    for text, mode, said, hint in (
        (world.machine.env_text(), 0o600, "WEBHOOK_SECRET is not set", "inv webhook.secret"),
        (f"{good}WEBHOOK_SECRET=short\n", 0o600, "less than 32 bytes", "inv webhook.secret"),
        (good, 0o644, "others can read .env", "chmod 600 .env"),
    ):
        env.write_text(text)
        env.chmod(mode)
        row = world.run("webhook.install", code=1).row
        assert said in row["error"]
        assert row["hint"] == hint
    env.chmod(0o600)
    with world.settings(webhook={"port": github.port}, repository=""):
        assert "which repository may deploy" in world.run("webhook.install", code=1).error
    assert not (world.project / ".deploy/webhook").exists()


def test_without_a_receiver_every_task_says_how_to_get_one(github: Hooked):
    world = github.world
    assert "no receiver is installed" in world.run("webhook.status", code=7).error
    for task in (("webhook.deliveries",), ("webhook.redeliver", "abcdef")):
        assert world.run(*task, code=1).row["hint"] == "inv webhook.install"
    row = world.run("webhook.ping", code=7).row
    assert (row["ended_at"], row["hint"]) == ("refused", "inv webhook.status")


def test_a_port_that_somebody_else_has_is_told_with_who_that_is(github: Hooked):
    world = github.world
    with closing(socket.create_server(("127.0.0.1", github.port))):
        error = world.run("webhook.install", code=1).error
        assert f"port {github.port} is taken by process" in error
        assert "taken by process" in world.run("webhook.status", code=7).error
    assert world.run("webhook.install").row["status"] == "success"
